import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { LookupFrame } from '@souk/contracts';
import { blobCid, maxLeaseMs, OwnLease, seedFrom, sha256Of, signerOf } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { defaultLookupLimits } from './lookup-limits.ts';

const cid = (name: string) => blobCid(sha256Of(new TextEncoder().encode(name)));
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A channel to a super-peer that takes every lease at once. */
const taking = { send: async () => undefined, answer: async () => ({ t: 'leased' }) } as unknown as Channel<LookupFrame>;

test('a peer tells what it leases, who holds the lease and until when, and nothing more of one that it took back', async () => {
  const supers = ['one'];
  const own = new OwnLease({ signer: signerOf(seedFrom('holder')), role: 'leaf', epoch: 7 });
  const keeper = new LeaseKeeper({ own, limits: { ...defaultLookupLimits, collectMs: 0 }, log: quiet, addresses: () => ['/ip4/192.0.2.1/tcp/1'], supers: () => supers, exchange: (_peer, work) => work(taking), onFulls: () => undefined });
  expect(keeper.view()).toBeUndefined();
  own.add([cid('a'), cid('b')]);
  keeper.start();
  await nextTurn();
  const first = keeper.view();
  expect(first).toMatchObject({ epoch: 7, n: 1, blobs: 2, holders: [{ peer: 'one' }] });
  const [held] = first?.holders ?? [];
  expect((held?.endsAt ?? 0) - (held?.renewedAt ?? 0)).toBe(maxLeaseMs);
  supers.push('two');
  keeper.came('two');
  await nextTurn();
  expect(keeper.view()?.holders.map((one) => one.peer)).toEqual(['one', 'two']);
  keeper.went('one');
  expect(keeper.view()?.holders.map((one) => one.peer)).toEqual(['two']);
  await keeper.stop();
  expect(keeper.view()).toBeUndefined();
});
