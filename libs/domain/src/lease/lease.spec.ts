import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import * as dagCbor from '@ipld/dag-cbor';
import { fromBase64, toBase64 } from '../id/bytes.ts';
import { seedFrom, signerOf } from '../record/ed25519.ts';
import { signRaw } from '../statement/testing/sign-raw.ts';
import { signLease, verifyLease, type LeaseFields } from './lease.ts';

const signer = signerOf(seedFrom('golden/peer'));
const fields: LeaseFields = { epoch: 1_767_225_600_000, n: 7, role: 'full', addresses: ['/ip4/192.0.2.7/tcp/7686'], root: new Uint8Array(32).fill(5), count: 3, ttl: 1_200_000, mirror: false };
const golden = JSON.parse(readFileSync(new URL('golden-lease-v1.json', import.meta.url), 'utf8')) as { bytes: string; signature: string };

test('a version 1 lease verifies for ever, and is what is signed today', () => {
  const lease = verifyLease({ bytes: fromBase64(golden.bytes), signature: fromBase64(golden.signature) });
  expect(lease).toMatchObject({ ...fields, peer: signLease(fields, signer).peer });
  const { signed } = signLease(fields, signer);
  expect({ bytes: toBase64(signed.bytes), signature: toBase64(signed.signature) }).toEqual(golden);
});

test('fields that later versions add are kept under the signature and skipped', () => {
  const later = signRaw({ v: 1, kind: 'lease', ...fields, zone: 'eu-1' }, signer);
  expect(verifyLease(later)).toMatchObject({ n: 7, signed: later });
});

const wrong: [string, Record<string, unknown>, string][] = [
  ['another kind', { kind: 'fresh' }, 'BAD_STATEMENT'],
  ['a later version', { v: 2 }, 'UPGRADE_NEEDED'],
  ['a life beyond 20 minutes', { ttl: 1_200_001 }, 'BAD_STATEMENT'],
  ['more cids than a lease counts', { count: 100_001 }, 'BAD_STATEMENT'],
  ['a short root', { root: new Uint8Array(31) }, 'BAD_STATEMENT'],
  ['nine addresses', { addresses: Array(9).fill('/ip4/192.0.2.7/tcp/1') }, 'BAD_STATEMENT'],
  ['a negative number', { n: -1 }, 'BAD_STATEMENT'],
  ['a key of small order', { key: new Uint8Array(32) }, 'BAD_SIGNATURE'],
  ['the key of somebody else', { key: signerOf(seedFrom('other')).publicKey }, 'BAD_SIGNATURE'],
];

test.each(wrong)('%s is refused', (_what, change, code) => {
  const signed = signRaw({ v: 1, kind: 'lease', ...fields, ...change }, signer);
  expect(() => verifyLease(signed)).toThrow(expect.objectContaining({ code }));
});

test('the signature of a record signs no statement', () => {
  const bytes = dagCbor.encode({ v: 1, kind: 'lease', key: signer.publicKey, ...fields });
  const signature = signer.sign(Buffer.concat([Buffer.from('souk/record/1\0'), bytes]));
  expect(() => verifyLease({ bytes, signature: new Uint8Array(signature) })).toThrow(expect.objectContaining({ code: 'BAD_SIGNATURE' }));
});

test('whatever byte of a lease is changed, it is refused', () => {
  const { signed } = signLease(fields, signer);
  fc.assert(
    fc.property(fc.nat(signed.bytes.length + 63), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const [bytes, signature] = [signed.bytes.slice(), signed.signature.slice()];
      const [part, place] = at < bytes.length ? [bytes, at] : [signature, at - bytes.length];
      part[place] = (part[place] as number) ^ flip;
      expect(() => verifyLease({ bytes, signature })).toThrow(expect.objectContaining({ name: 'SoukError' }));
    }),
  );
});
