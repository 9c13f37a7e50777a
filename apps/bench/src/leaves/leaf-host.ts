import { join } from 'node:path';
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { seedFrom } from '@souk/domain';
import { createPeerNode, type PeerIdentity, type PeerNode } from '@souk/p2p';
import { openBlobStore, openLogStore } from '@souk/store';
import { author } from '@souk/testing/builders';
import { seededRandom, shuffled, type SeededRandom } from '../corpus/seeded-random.ts';
import { answerParent, usedHeap } from '../parts/asked-process.ts';
import { quietLog } from '../parts/quiet-log.ts';
import { until } from '../parts/until.ts';
import { blobsOfLeaf, bytesOf, cidOf, factsOfBlob, lookupsOfLeaf, peerOfLeaf, publisherOfLeaf, seedOfLeaf } from './leaf-acts.ts';

/** A process with many leaves over one store. Words: its data folder. */

/** Leaves `from` to `from + count` of `total` are here. */
export interface Leaves {
  readonly from: number;
  readonly count: number;
  readonly total: number;
  readonly supers: readonly string[];
}

/** What the leaves here did in the measured minute. */
export interface Minute {
  readonly releases: number;
  readonly lookups: number;
  readonly fetches: number;
  /** What went wrong, the first few. */
  readonly failures: readonly string[];
  readonly lookupMs: { readonly p50: number; readonly p95: number; readonly p99: number };
}

const folder = process.argv[2] as string;
const logs = await openLogStore(join(folder, 'logs'));
const blobs = await openBlobStore(join(folder, 'blobs'));
const lookupTimes = createHistogram();
let leaves: Leaves = { from: 0, count: 0, total: 0, supers: [] };
let node: PeerNode;
let heapBefore = 0;

async function publish(leaf: number): Promise<void> {
  const record = author(publisherOfLeaf(leaf)).releases(`package-of-leaf-${leaf}`, '1.0.0', { blob: bytesOf(leaf, 0) });
  await logs.append([record]);
  await node.announceRecords([record]);
}

/** A leaf of another process, any. */
function otherLeaf(random: SeededRandom): number {
  const { from, count, total } = leaves;
  return (from + count + random.below(total - count)) % total;
}

/** Any blob of another process's leaf but the first, which is the one that is fetched: it may be here by now. */
async function lookUp(identity: PeerIdentity, random: SeededRandom): Promise<void> {
  const other = otherLeaf(random);
  const since = performance.now();
  const { tier, providers } = await identity.lookup(cidOf(other, 1 + random.below(blobsOfLeaf - 1)));
  lookupTimes.record(Math.max(1, Math.round((performance.now() - since) * 1e6)));
  if (tier !== 'super' || !providers.includes(peerOfLeaf(other))) throw new Error(`a lookup ended at the tier ${tier} with ${providers.length} providers, without the one that has the blob`);
}

/** Each leaf fetches of the one as far behind it as there are leaves here: so each is fetched from once, by another process. */
async function fetchOne(identity: PeerIdentity, leaf: number): Promise<void> {
  const other = (leaf + leaves.count) % leaves.total;
  const { cid, size, chunks } = factsOfBlob(other, 0);
  const report = await identity.fetchBlob(cid, { size, chunks });
  if (report.already || !report.providers.includes(peerOfLeaf(other))) throw new Error('a fetch brought nothing of the leaf that it was meant for');
}

/** One leaf's minute: a release, the lookups and a fetch, in any order and spread over it. */
async function live(identity: PeerIdentity, leaf: number, ms: number, minute: { releases: number; lookups: number; fetches: number; failures: string[] }): Promise<void> {
  const random = seededRandom(leaf);
  const acts = shuffled([
    async () => publish(leaf).then(() => void (minute.releases += 1)),
    ...Array.from({ length: lookupsOfLeaf }, () => async () => lookUp(identity, random).then(() => void (minute.lookups += 1))),
    async () => fetchOne(identity, leaf).then(() => void (minute.fetches += 1)),
  ], random);
  const step = ms / acts.length;
  await wait(random.next() * step);
  const since = performance.now();
  for (const [at, act] of acts.entries()) {
    await wait(Math.max(0, at * step - (performance.now() - since)));
    await act().catch((error: unknown) => minute.failures.push(`leaf ${leaf}: ${error instanceof Error ? error.message : String(error)}`));
  }
}

const handlers = {
  /** Puts the leaves' blobs into the store and makes the leaves; none of them runs. */
  prepare: async (given: Leaves): Promise<void> => {
    leaves = given;
    for (let leaf = given.from; leaf < given.from + given.count; leaf += 1) {
      await blobs.putAll(Array.from({ length: blobsOfLeaf }, (_, blob) => ({ cid: cidOf(leaf, blob), bytes: bytesOf(leaf, blob) })));
    }
    heapBefore = usedHeap();
    const [seed, ...furtherSeeds] = Array.from({ length: given.count }, (_, at) => seedOfLeaf(given.from + at)) as [Uint8Array, ...Uint8Array[]];
    node = await createPeerNode({ logs, blobs, log: quietLog }, { role: 'leaf', seed, furtherSeeds, supers: given.supers, networkKey: seedFrom('bench') });
    for (const [at, identity] of node.identities.entries()) void identity.provide(Array.from({ length: blobsOfLeaf }, (_, blob) => cidOf(given.from + at, blob)));
  },
  /** Starts them and waits until each has its two links. */
  join: async (): Promise<void> => {
    await node.start();
    await until(() => node.identities.every((one) => one.superPeers().length === 2));
  },
  minute: async (ms: number): Promise<Minute> => {
    const minute = { releases: 0, lookups: 0, fetches: 0, failures: [] as string[] };
    await Promise.all(node.identities.map((identity, at) => live(identity, leaves.from + at, ms, minute)));
    const at = (percent: number): number => lookupTimes.percentile(percent) / 1e6;
    return { ...minute, failures: minute.failures.slice(0, 5), lookupMs: { p50: at(50), p95: at(95), p99: at(99) } };
  },
  heap: () => ({ ends: node.identities.reduce((sum, one) => sum + one.superPeers().length, 0), bytes: usedHeap() - heapBefore }),
  /** Processor time of this process so far, in milliseconds. */
  cpu: () => Object.values(process.cpuUsage()).reduce((sum, us) => sum + us / 1000, 0),
};
/** What the process of leaves answers. */
export type LeafHost = typeof handlers;
answerParent(handlers);
