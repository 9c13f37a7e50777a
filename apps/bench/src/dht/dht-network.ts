import { setTimeout as wait } from 'node:timers/promises';
import { MemoryBlobStore, MemoryLogStore, seedFrom } from '@souk/domain';
import { createPeerNode, type PeerNode } from '@souk/p2p';
import { simulatedNetwork } from '@souk/testing/simulated';
import { seededRandom } from '../corpus/seeded-random.ts';
import { nthLookup, requireFound, type NthLookup, type Provided } from '../lookup/nth-lookup.ts';
import { answerParent } from '../parts/asked-process.ts';
import { inParallel } from '../parts/in-parallel.ts';
import { quietLog } from '../parts/quiet-log.ts';
import { until } from '../parts/until.ts';

/** A process with full peers that know no super-peer, all real nodes, whose links are as slow as said once they are there. */

/** How large the network is, and how long its links take from end to end, in milliseconds. */
export interface DhtNetwork {
  readonly peers: number;
  /** Lookups that will be asked for: what they are of is announced. */
  readonly lookups: number;
  readonly delayMs: number;
  /** Whether links are pinged and those near are sought as often as usual; each ten minutes unless given. */
  readonly isLively?: boolean;
}

/** What a lookup took, in milliseconds. */
export interface DhtLookup {
  /** From the question to the DHT to its answer. */
  readonly dhtMs: number;
  /** With the question to linked peers before it, which a full peer asks first. */
  readonly wholeMs: number;
}

/** More than will be looked up, so that no cid is asked for twice. */
const cidsEach = 10_000;
/** Earlier peers that a new one is told of. */
const contacts = 4;
/** Nodes that start at once, and announcements under way at once: more would wait for each other's handshakes. */
const width = 4;
/** How often a blob is announced until it is found. */
const attempts = 3;
/** All peers are one host and one core: each asks seldom whether links live and who is near, and waits longer for those that are busy. */
const limits = { inboundPerSecond: 10_000, pendingInbound: 2000, dialMs: 60_000, askMs: 60_000, dhtMs: 60_000 };
const seldom = { pingMs: 600_000, selfQueryMs: 600_000 };

/** There are no super-peers, and nobody looks for any: those walks through the DHT would be beside the ones that are measured. */
const lookupLimits = { supers: 0 };

const sim = simulatedNetwork({ seed: 1 });
const networkKey = seedFrom('bench');
const random = seededRandom(1);
const peers: PeerNode[] = [];
/** When a peer's linked peers had been asked, so that the DHT is next. */
const dhtSince: number[] = [];
let size: DhtNetwork = { peers: 0, lookups: 0, delayMs: 0 };

const provided = (): Provided => ({ peers: size.peers, cids: size.peers * cidsEach });
const peerAt = (at: number): PeerNode => peers[at] as PeerNode;

async function startPeer(at: number): Promise<void> {
  const name = `peer-${at}`;
  const others = peers.filter((one) => one !== undefined);
  const bootstrap = Array.from({ length: Math.min(contacts, others.length) }, () => others[random.below(others.length)]?.multiaddrs()[0] as string);
  const asked = (tier: string): void => void (tier === 'peers' && (dhtSince[at] = performance.now()));
  const stores = { logs: new MemoryLogStore({ now: Date.now }), blobs: new MemoryBlobStore() };
  const node = await createPeerNode({ ...stores, log: quietLog }, { seed: seedFrom(name), networkKey, bootstrap, limits: size.isLively ? limits : { ...limits, ...seldom }, lookupLimits, lookupTap: { asked }, listen: [`/memory/${name}`], wrapTransport: sim.transportOf(name) });
  await node.start();
  peers[at] = node;
  const wanted = new Set(bootstrap).size;
  await until(() => node.links().length >= wanted);
}

/** Has a blob announced, and anew when a third peer does not find it: on a busy machine an announcement may be given up. Neither its owner nor who will look it up is asked. */
async function announce({ seeker, owner, cid }: NthLookup): Promise<void> {
  const others = Array.from({ length: peers.length - 1 }, (_, at) => (owner + 1 + at) % peers.length).filter((at) => at !== seeker);
  for (const other of others.slice(0, attempts)) {
    await peerAt(owner).provide([cid]);
    if ((await peerAt(other).lookup(cid)).tier === 'dht') return;
    await peerAt(owner).withdraw([cid]);
  }
  throw new Error(`a blob of peer ${owner} could not be announced`);
}

const handlers = {
  /** Starts the peers, each linked to some that were there before it, and announces what will be looked up. */
  start: async (wanted: DhtNetwork): Promise<{ readonly links: number }> => {
    size = wanted;
    await startPeer(0);
    await inParallel(Array.from({ length: size.peers - 1 }, (_, at) => at + 1), width, startPeer);
    await inParallel(Array.from({ length: size.lookups }, (_, n) => nthLookup(n, provided())), width, announce);
    sim.everywhere({ delayMs: size.delayMs });
    return { links: peers.reduce((sum, node) => sum + node.links().length, 0) };
  },
  /** Lets so many milliseconds go by. Answers how many milliseconds of processor time that took, garbage collection included. */
  idle: async (ms: number): Promise<number> => {
    const since = process.cpuUsage();
    await wait(ms);
    const { user, system } = process.cpuUsage(since);
    return (user + system) / 1000;
  },
  /** The n-th lookup. */
  lookup: async (n: number): Promise<DhtLookup> => {
    const { seeker, owner, cid } = nthLookup(n, provided());
    const since = performance.now();
    const found = await peerAt(seeker).lookup(cid);
    const now = performance.now();
    requireFound(n, found, { tier: 'dht', provider: peerAt(owner).peerId });
    return { dhtMs: now - (dhtSince[seeker] ?? NaN), wholeMs: now - since };
  },
  /** Announces the cid of the n-th lookup, which must be none of those that were announced at the start. Answers how many milliseconds it took. */
  put: async (n: number): Promise<number> => {
    const { owner, cid } = nthLookup(size.lookups + n, provided());
    const since = performance.now();
    await peerAt(owner).provide([cid]);
    return performance.now() - since;
  },
  /** Looks up what `put` announced. */
  got: async (n: number): Promise<void> => void (await handlers.lookup(size.lookups + n)),
};
/** What that process answers. */
export type DhtNetworkProcess = typeof handlers;
answerParent(handlers);
