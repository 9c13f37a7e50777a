import { expect, test } from '@jest/globals';
import { seedFrom, signerOf } from '../record/ed25519.ts';
import { signRaw } from '../statement/testing/sign-raw.ts';
import { Attestations } from './attestations.ts';
import { signFresh, verifyFresh } from './fresh.ts';

const hour = 3_600_000;

test('what two super-peers signed counts until it is too old; one alone never does, nor one that the charter does not name', () => {
  const attestations = new Attestations(5);
  const at = (now: number, supers = ['a', 'b', 'c']) => attestations.freshness(supers, now, hour);
  expect(at(10)).toEqual({ isStale: true, since: 5, needed: 2, attested: [] });
  attestations.covered('a', 1000);
  attestations.covered('stranger', 1000);
  expect(at(2000)).toMatchObject({ isStale: true, since: 5 });
  attestations.covered('b', 3000);
  attestations.covered('b', 2000);
  expect(at(1000 + hour)).toMatchObject({ isStale: false, attested: [{ peer: 'b', at: 3000 }, { peer: 'a', at: 1000 }] });
  expect(at(1001 + hour)).toMatchObject({ isStale: true, since: 1000 + hour });
  expect(at(1001 + hour, ['b'])).toMatchObject({ isStale: false, needed: 1 });
  expect(at(100 * hour, [])).toEqual({ isStale: false, needed: 0, attested: [] });
});

test('a statement says whose it is, and is refused when it is not signed by its key or says something else', () => {
  const signer = signerOf(seedFrom('super'));
  const fresh = signFresh('ab'.repeat(32), 7, signer);
  expect(verifyFresh(fresh.signed)).toEqual(fresh);
  const fields = { v: 1, kind: 'fresh', root: new Uint8Array(32), at: 7 };
  for (const [change, code] of [[{ kind: 'lease' }, 'BAD_STATEMENT'], [{ root: new Uint8Array(31) }, 'BAD_STATEMENT'], [{ at: -1 }, 'BAD_STATEMENT'], [{ v: 2 }, 'UPGRADE_NEEDED'], [{ key: signerOf(seedFrom('other')).publicKey }, 'BAD_SIGNATURE']] as const) {
    expect(() => verifyFresh(signRaw({ ...fields, ...change }, signer))).toThrow(expect.objectContaining({ code }));
  }
});
