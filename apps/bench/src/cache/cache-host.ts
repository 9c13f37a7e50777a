import { join } from 'node:path';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { blobCid, hotHintLimits, MemoryBlobStore, MemoryHintStore, MemoryLogStore, seedFrom, sha256Of, warmHintLimits, type Cid, type LookupTier } from '@souk/domain';
import { createPeerNode, type PeerNode, type PeerNodeOptions } from '@souk/p2p';
import { openBlobStore, openHintStore } from '@souk/store';
import { simulatedNetwork } from '@souk/testing/simulated';
import { answerParent } from '../parts/asked-process.ts';
import { quietLog } from '../parts/quiet-log.ts';
import { until } from '../parts/until.ts';
import { TimedHints } from './timed-hints.ts';
import { zipfTrace, type TraceOptions, type TraceStep } from './zipf-trace.ts';

/** A process with two super-peers, peers that lease all cids of a trace, and two leaves that look them up, one of them without caches. Words: its folder. */

/** The trace, and how many cids the caches of the leaf that has some hold. */
export interface CacheNetwork extends TraceOptions {
  readonly hot: number;
  readonly warm: number;
}

/** What a part of the trace came to. Times in microseconds. */
export interface Replayed {
  readonly lookups: number;
  readonly byTier: Readonly<Record<'hot' | 'warm' | 'super', number>>;
  /** Of whole lookups. */
  readonly lookupUs: Readonly<Record<'hot' | 'warm' | 'super', { readonly p50: number; readonly p99: number }>>;
  /** Of the caches themselves, where they knew. */
  readonly hitP99Us: Readonly<Record<'hot' | 'warm', number>>;
}

const folder = process.argv[2] as string;
const sim = simulatedNetwork({ seed: 1 });
const superNames = ['super-0', 'super-1'];
const holderCount = 4;
/** One leaf asks more here than a super-peer answers one peer in production. */
const lookupLimits = { finds: { perSecond: 1_000_000, burst: 1_000_000 } };
const nodes = new Map<string, PeerNode>();
const blobs = await openBlobStore(join(folder, 'blobs'));
const versions = new Map<number, number>();
const times: Record<'hot' | 'warm' | 'super', RecordableHistogram> = { hot: createHistogram(), warm: createHistogram(), super: createHistogram() };
let network: CacheNetwork;
let trace: Iterator<TraceStep, never>;
/** Ranks of the trace's step under way that are still to be asked for. */
let ahead: number[] = [];
let tiers: Record<'hot' | 'warm', TimedHints>;

const named = (name: string): PeerNode => nodes.get(name) as PeerNode;
const cidOf = (rank: number): Cid => blobCid(sha256Of(new TextEncoder().encode(`rank ${rank} version ${versions.get(rank) ?? 0}`)));
const holderOf = (rank: number): PeerNode => named(`holder-${rank % holderCount}`);

async function startNode(name: string, options: Partial<PeerNodeOptions>, needs: Partial<Parameters<typeof createPeerNode>[0]> = {}): Promise<PeerNode> {
  const stores = { logs: new MemoryLogStore({ now: Date.now }), blobs: new MemoryBlobStore() };
  const node = await createPeerNode({ ...stores, log: quietLog, ...needs }, { seed: seedFrom(name), networkKey: seedFrom('cache'), listen: [`/memory/${name}`], wrapTransport: sim.transportOf(name), ...options });
  await node.start();
  nodes.set(name, node);
  return node;
}

/** Waits until every super-peer knows so many pairs of peer and cid. */
async function indexed(pairs: number): Promise<void> {
  await until(() => superNames.every((name) => named(name).indexSize()?.pairs === pairs));
}

/** Gives ranks another cid, at their holders and in the indexes of super-peers. */
async function change(ranks: readonly number[]): Promise<void> {
  const changed = [...new Set(ranks)];
  const old = changed.map((rank) => ({ rank, cid: cidOf(rank) }));
  for (const rank of changed) versions.set(rank, (versions.get(rank) ?? 0) + 1);
  for (const rank of changed) void holderOf(rank).provide([cidOf(rank)]);
  await indexed(network.cids + changed.length);
  for (const { rank, cid } of old) void holderOf(rank).withdraw([cid]);
  await indexed(network.cids);
}

/** The rank that the trace asks for next. */
async function nextRank(): Promise<number> {
  if (ahead.length === 0) {
    const { changed, asked } = trace.next().value;
    await change(changed);
    ahead = asked.toReversed();
  }
  return ahead.pop() as number;
}

/** Looks a rank's cid up and checks the answer. */
async function lookUp(leaf: PeerNode, rank: number): Promise<{ readonly tier: LookupTier; readonly ns: number }> {
  const cid = cidOf(rank);
  const since = process.hrtime.bigint();
  const { tier, providers } = await leaf.lookup(cid);
  const ns = Number(process.hrtime.bigint() - since);
  if (providers.join() !== holderOf(rank).peerId) throw new Error(`a lookup of rank ${rank} ended at the tier ${tier} with ${providers.length} providers`);
  return { tier, ns };
}

const us = (ns: number): number => ns / 1000;

const handlers = {
  start: async (wanted: CacheNetwork): Promise<void> => {
    network = wanted;
    trace = zipfTrace(wanted);
    for (const name of superNames) await startNode(name, { role: 'super', lookupLimits });
    const supers = superNames.map((name) => named(name).multiaddrs()[0] as string);
    for (const name of superNames) named(name).setSupers(supers);
    for (let holder = 0; holder < holderCount; holder += 1) {
      const node = await startNode(`holder-${holder}`, { role: 'leaf', supers });
      void node.provide(Array.from({ length: Math.ceil((wanted.cids - holder) / holderCount) }, (_, at) => cidOf(at * holderCount + holder)));
    }
    tiers = { hot: new TimedHints(new MemoryHintStore({ ...hotHintLimits, cids: wanted.hot })), warm: new TimedHints(await openHintStore(folder, { ...warmHintLimits, cids: wanted.warm })) };
    await startNode('cached', { role: 'leaf', supers, lookupLimits }, { blobs, hints: [{ tier: 'hot', store: tiers.hot }, { tier: 'warm', store: tiers.warm }] });
    await startNode('plain', { role: 'leaf', supers, lookupLimits }, { blobs });
    await until(() => ['cached', 'plain'].every((name) => named(name).superPeers().length === superNames.length));
    await indexed(wanted.cids);
  },
  /** The next lookups of the trace, by the leaf with caches, one after the other. */
  replay: async (lookups: number): Promise<Replayed> => {
    for (const one of [...Object.values(times), tiers.hot.hits, tiers.warm.hits]) one.reset();
    for (let done = 0; done < lookups; done += 1) {
      const { tier, ns } = await lookUp(named('cached'), await nextRank());
      times[tier as 'hot' | 'warm' | 'super'].record(ns);
    }
    const of = <T>(what: (histogram: RecordableHistogram) => T): Record<'hot' | 'warm' | 'super', T> => ({ hot: what(times.hot), warm: what(times.warm), super: what(times.super) });
    const byTier = of((one) => Number(one.count));
    const p99 = ({ hits }: TimedHints): number => us(hits.percentile(99));
    return { lookups: byTier.hot + byTier.warm + byTier.super, byTier, lookupUs: of((one) => ({ p50: us(one.percentile(50)), p99: us(one.percentile(99)) })), hitP99Us: { hot: p99(tiers.hot), warm: p99(tiers.warm) } };
  },
  /** Lookups of the trace by both leaves over slower links; the mean of each, in milliseconds. */
  compare: async ({ lookups, delayMs }: { lookups: number; delayMs: number }): Promise<{ readonly cached: number; readonly plain: number }> => {
    for (const name of superNames) for (const leaf of ['cached', 'plain']) sim.link(leaf, name).delay(delayMs);
    const sums = { cached: 0, plain: 0 };
    for (let done = 0; done < lookups; done += 1) {
      const rank = await nextRank();
      for (const leaf of ['cached', 'plain'] as const) sums[leaf] += (await lookUp(named(leaf), rank)).ns / 1e6;
    }
    return { cached: sums.cached / lookups, plain: sums.plain / lookups };
  },
};
/** What that process answers. */
export type CacheHost = typeof handlers;
answerParent(handlers);
