import { expect, test } from '@jest/globals';
import type { LookupFrame } from '@souk/contracts';
import { CidSet, ProviderIndex, seedFrom, sha256Of, signerOf, signLease, superIndexLimits, type Lease } from '@souk/domain';
import type { Channel } from '../frame/channel.ts';
import { defaultLookupLimits } from './lookup-limits.ts';
import { LookupQuotas } from './lookup-quotas.ts';
import { serveLookup } from './lookup-server.ts';

const signer = signerOf(seedFrom('many'));

/** A lease of so many blobs, and the frames that tell of them. */
function leased(count: number): { readonly lease: Lease; readonly frames: readonly [lease: LookupFrame, hashes: LookupFrame, buckets: LookupFrame] } {
  const cids = new CidSet();
  cids.addAll(Array.from({ length: count }, (_, at) => Buffer.from(sha256Of(Buffer.from(String(at)))).toString('latin1')));
  const lease = signLease({ epoch: 1, n: 1, role: 'leaf', addresses: ['/ip4/127.0.0.1/tcp/9'], root: cids.root(), count: cids.size, ttl: 600_000, mirror: false }, signer);
  const hashes = [...cids.hashes()].toSorted(([a], [b]) => a - b);
  const filled = new Uint8Array(32);
  for (const [bucket] of hashes) filled[bucket >> 3] = (filled[bucket >> 3] as number) | (1 << (bucket & 7));
  const buckets = hashes.map(([bucket]) => ({ bucket, digests: cids.digests(bucket) }));
  return { lease, frames: [{ t: 'lease', statement: lease.signed }, { t: 'hashes', peer: lease.peer, filled, hashes: new Uint8Array(Buffer.concat(hashes.map(([, hash]) => hash))) }, { t: 'buckets', peer: lease.peer, buckets }] };
}

/** What a super-peer answers to these frames of one stream, how often it let others have their turn, and why it ended the stream if it did. */
async function served(lease: Lease, frames: readonly LookupFrame[], limits: Partial<typeof defaultLookupLimits> = {}): Promise<{ answers: string[]; turns: number; code: string | undefined }> {
  const all = { ...defaultLookupLimits, ...limits };
  const waiting = [...frames];
  const answers: string[] = [];
  let turns = 0;
  const channel = { receive: async () => waiting.shift(), send: async ({ t }: LookupFrame) => void answers.push(t), turn: async () => void (turns += 1) };
  const needs = { index: new ProviderIndex(superIndexLimits), quotas: new LookupQuotas(all), limits: all, frameMs: 1000, now: () => 0, isSuper: () => false, leased: () => undefined };
  const asker = { peer: lease.peer, group: 'here', isSuper: false };
  const code = await serveLookup(channel as unknown as Channel<LookupFrame>, asker, needs, new AbortController().signal).then(() => undefined, (error: { code: string }) => error.code);
  return { answers, turns, code };
}

test('many blobs of a lease are taken in piece by piece: others have their turn in between', async () => {
  const { lease, frames } = leased(3000);
  expect(await served(lease, frames)).toEqual({ answers: ['differs', 'wants', 'leased'], turns: 11, code: undefined });
});

test('a peer may tell of so many blobs at once', async () => {
  const { lease, frames } = leased(3000);
  expect(await served(lease, frames, { told: { perSecond: 1, burst: 2999 } })).toMatchObject({ answers: ['differs', 'wants'], code: 'RATE_LIMITED' });
});

test('the hashes of one lease are compared once: whoever sends them again pays for one more', async () => {
  const { lease, frames: [brought, hashes] } = leased(300);
  expect(await served(lease, [brought, hashes, hashes, hashes], { leases: { perSecond: 1, burst: 2 } })).toMatchObject({ answers: ['differs', 'wants', 'wants'], code: 'RATE_LIMITED' });
});
