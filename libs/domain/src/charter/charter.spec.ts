import { expect, test } from '@jest/globals';
import * as dagCbor from '@ipld/dag-cbor';
import { fc } from '@souk/testing/properties';
import { keyId } from '../id/key-id.ts';
import { peerIdOf } from '../id/peer-id.ts';
import { seedFrom, signerOf } from '../record/ed25519.ts';
import { prefixed } from '../record/signature.ts';
import { amended } from './amend-charter.ts';
import { formatCharter, parseCharter } from './charter-file.ts';
import { signCharter, superAddresses, verifyCharter, type CharterFields } from './charter.ts';

const authority = signerOf(seedFrom('authority'));
const peer = peerIdOf(signerOf(seedFrom('peer/super')).publicKey);
const publisher = keyId(signerOf(seedFrom('ada')).publicKey);
const fields: CharterFields = {
  network: '0123456789abcdef',
  version: 3,
  at: 1_767_225_600_000,
  supers: [{ peer, addresses: ['/ip4/192.0.2.1/tcp/7686'] }],
  scopes: [{ name: '@team/*', publisher }],
  limits: { logs: 5000 },
};
const realm = { authority: keyId(authority.publicKey), network: fields.network };

/** A charter signed over whatever bytes a value has. */
function signedRaw(value: unknown, signer = authority) {
  const bytes = dagCbor.encode(value);
  return { bytes, signature: signer.sign(prefixed(new TextEncoder().encode('souk/charter/1\0'), bytes)) };
}

test('what an authority signs is what its network reads, also out of a file', () => {
  const { signed } = signCharter(fields, authority);
  expect(verifyCharter(signed, realm)).toMatchObject({ ...fields, authority: realm.authority });
  expect(parseCharter(formatCharter(signed), realm)).toEqual(verifyCharter(signed));
  expect(superAddresses(fields)).toEqual([`/ip4/192.0.2.1/tcp/7686/p2p/${peer}`]);
});

test('fields that later versions add are kept under the signature and skipped', () => {
  const later = signedRaw({ ...fields, v: 1, key: authority.publicKey, zones: ['eu'] });
  expect(verifyCharter(later, realm)).toMatchObject({ version: 3, signed: later });
});

const wrong: [string, Record<string, unknown>, string][] = [
  ['a later form', { v: 2 }, 'UPGRADE_NEEDED'],
  ['version 0', { version: 0 }, 'BAD_CHARTER'],
  ['another network', { network: 'fedcba9876543210' }, 'BAD_CHARTER'],
  ['a super-peer that is none', { supers: [{ peer: 'me', addresses: ['/ip4/192.0.2.1/tcp/1'] }] }, 'BAD_CHARTER'],
  ['a super-peer twice', { supers: [...fields.supers, ...fields.supers] }, 'BAD_CHARTER'],
  ['a super-peer without an address', { supers: [{ peer, addresses: [] }] }, 'BAD_CHARTER'],
  ['a scope twice', { scopes: [...fields.scopes, ...fields.scopes] }, 'BAD_CHARTER'],
  ['a publisher that is none', { scopes: [{ name: '@team/*', publisher: 'ada' }] }, 'BAD_CHARTER'],
  ['the key of somebody else', { key: signerOf(seedFrom('other')).publicKey }, 'BAD_CHARTER'],
];

test.each(wrong)('%s is refused', (_what, change, code) => {
  expect(() => verifyCharter(signedRaw({ ...fields, v: 1, key: authority.publicKey, ...change }), realm)).toThrow(expect.objectContaining({ code }));
});

test('nobody else signs for the authority, and a statement or record signature signs no charter', () => {
  const value = { ...fields, v: 1, key: authority.publicKey };
  expect(() => verifyCharter(signedRaw(value, signerOf(seedFrom('thief'))), realm)).toThrow(expect.objectContaining({ code: 'BAD_SIGNATURE' }));
  const bytes = dagCbor.encode(value);
  for (const other of ['souk/statement/1\0', 'souk/record/1\0']) {
    expect(() => verifyCharter({ bytes, signature: authority.sign(prefixed(new TextEncoder().encode(other), bytes)) })).toThrow(expect.objectContaining({ code: 'BAD_SIGNATURE' }));
  }
});

test('whatever byte of a charter is changed, it is refused', () => {
  const { signed } = signCharter(fields, authority);
  fc.assert(
    fc.property(fc.nat(signed.bytes.length + 63), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const [bytes, signature] = [signed.bytes.slice(), signed.signature.slice()];
      const [part, place] = at < bytes.length ? [bytes, at] : [signature, at - bytes.length];
      part[place] = (part[place] as number) ^ flip;
      expect(() => verifyCharter({ bytes, signature }, realm)).toThrow(expect.objectContaining({ name: 'SoukError' }));
    }),
  );
});

test('an amendment is the next version: what it names is added, replaced or dropped, the rest stays', () => {
  const other = peerIdOf(signerOf(seedFrom('peer/other')).publicKey);
  const grace = keyId(signerOf(seedFrom('grace')).publicKey);
  const next = amended(fields, { supers: [`/dns4/souk.example.org/tcp/7686/p2p/${other}`, `/ip6/::1/tcp/7686/p2p/${peer}`], scopes: [{ name: '@team/*', publisher: grace }], limits: { names: 9 } }, 5);
  expect(next).toEqual({
    ...fields,
    version: 4,
    at: 5,
    supers: [{ peer, addresses: ['/ip4/192.0.2.1/tcp/7686', '/ip6/::1/tcp/7686'] }, { peer: other, addresses: ['/dns4/souk.example.org/tcp/7686'] }],
    scopes: [{ name: '@team/*', publisher: grace }],
    limits: { logs: 5000, names: 9 },
  });
  expect(amended(next, { dropSupers: [peer], dropScopes: ['@team/*'] }, 6)).toMatchObject({ version: 5, supers: [{ peer: other }], scopes: [] });
  expect(() => amended(fields, { dropSupers: [other] }, 5)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  expect(() => amended(fields, { supers: ['192.0.2.1:7686'] }, 5)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
});
