import { MemoryBlobStore, MemoryLogStore, seedFrom, superIndexLimits } from '@souk/domain';
import { createPeerNode, type PeerIdentity, type PeerNode, type PeerNodeOptions } from '@souk/p2p';
import { simulatedNetwork } from '@souk/testing/simulated';
import { answerParent } from '../parts/asked-process.ts';
import { quietLog } from '../parts/quiet-log.ts';
import { until } from '../parts/until.ts';
import { cidsOfPeer, nthLookup, requireFound } from './nth-lookup.ts';

/** A process with super-peers and leaves, all real nodes, whose links are as slow as said once they are there. */

/** How large the network is, and how long its links take from end to end, in milliseconds. */
export interface LookupNetwork {
  readonly leaves: number;
  readonly supers: number;
  /** Cids that all leaves lease together. */
  readonly cids: number;
  readonly delayMs: number;
  /** `tcp`: on loopback, and as slow as that is; in memory, with the delay, unless given. */
  readonly over?: 'tcp';
}

const sim = simulatedNetwork({ seed: 1 });
const networkKey = seedFrom('bench');
/** So many links of one process would be asked too often whether they live to do anything else. */
const limits = { pingMs: 600_000 };
/** All leaves come from one address, which is what quotas take for one owner. */
const oneOwner = { indexLimits: { ...superIndexLimits, leasesPerGroup: superIndexLimits.leases, pairsPerGroup: superIndexLimits.pairs }, lookupLimits: { groupFactor: superIndexLimits.leases } };
const stores = (): { logs: MemoryLogStore; blobs: MemoryBlobStore } => ({ logs: new MemoryLogStore({ now: Date.now }), blobs: new MemoryBlobStore() });
let size: LookupNetwork = { leaves: 0, supers: 0, cids: 0, delayMs: 0 };
let host: PeerNode;
let addresses: readonly string[] = [];

/** How a node is reached, and reaches others. */
function placeOf(name: string): Pick<PeerNodeOptions, 'listen' | 'wrapTransport'> {
  return size.over === 'tcp' ? { listen: ['/ip4/127.0.0.1/tcp/0'] } : { listen: [`/memory/${name}`], wrapTransport: sim.transportOf(name) };
}

async function startSuper(name: string): Promise<PeerNode> {
  const node = await createPeerNode({ ...stores(), log: quietLog }, { role: 'super', seed: seedFrom(name), networkKey, limits, ...oneOwner, ...placeOf(name) });
  await node.start();
  return node;
}

async function startLeaves(): Promise<PeerNode> {
  const [seed, ...furtherSeeds] = Array.from({ length: size.leaves }, (_, leaf) => seedFrom(`leaf/${leaf}`)) as [Uint8Array, ...Uint8Array[]];
  // Nobody dials these leaves: a lookup asks super-peers.
  const node = await createPeerNode({ ...stores(), log: quietLog }, { role: 'leaf', seed, furtherSeeds, networkKey, limits, supers: addresses, ...placeOf('leaves'), listen: [] });
  for (const [leaf, identity] of node.identities.entries()) void identity.provide(cidsOfPeer(leaf, { peers: size.leaves, cids: size.cids }));
  await node.start();
  await until(() => node.identities.every((one) => one.superPeers().length === Math.min(2, size.supers)));
  return node;
}

const handlers = {
  start: async (wanted: LookupNetwork): Promise<void> => {
    size = wanted;
    const supers = await Promise.all(Array.from({ length: size.supers }, (_, at) => startSuper(`super-${at}`)));
    addresses = supers.map((node) => node.multiaddrs()[0] as string);
    for (const node of supers) node.setSupers(addresses);
    await until(() => supers.every((node) => node.superPeers().length === size.supers - 1));
    host = await startLeaves();
    await until(() => supers.every((node) => node.indexSize()?.pairs === size.cids));
    sim.everywhere({ delayMs: size.delayMs });
  },
  /** The n-th lookup. Answers how many milliseconds it took. */
  lookup: async (n: number): Promise<number> => {
    const { seeker, owner, cid } = nthLookup(n, { peers: size.leaves, cids: size.cids });
    const since = performance.now();
    const found = await (host.identities[seeker] as PeerIdentity).lookup(cid);
    const ms = performance.now() - since;
    requireFound(n, found, { tier: 'super', provider: host.identities[owner]?.peerId });
    return ms;
  },
  /** The n-th lookup, by a leaf that is new to the network. Answers how many milliseconds it took from the start of its node. */
  newcomer: async (n: number): Promise<number> => {
    const { owner, cid } = nthLookup(n, { peers: size.leaves, cids: size.cids });
    const node = await createPeerNode({ ...stores(), log: quietLog }, { role: 'leaf', seed: seedFrom(`newcomer/${n}`), networkKey, supers: addresses, ...placeOf(`newcomer-${n}`) });
    try {
      const since = performance.now();
      await node.start();
      const found = await node.lookup(cid);
      const ms = performance.now() - since;
      requireFound(n, found, { tier: 'super', provider: host.identities[owner]?.peerId });
      return ms;
    } finally {
      await node.stop();
    }
  },
};
/** What that process answers. */
export type LookupNetworkProcess = typeof handlers;
answerParent(handlers);
