import { MemoryBlobStore, MemoryLogStore, seedFrom } from '@souk/domain';
import { createPeerNode, type PeerNode } from '@souk/p2p';
import { nthLookup, requireFound } from '../lookup/nth-lookup.ts';
import { answerParent } from '../parts/asked-process.ts';
import { quietLog } from '../parts/quiet-log.ts';

/** A process with full peers that start at one moment, on loopback. */

/** Peers that are to start; each network has a number of its own, so that its peers are new ones. */
export interface Starting {
  readonly peers: number;
  readonly network: number;
  /** Links that each must have; none: they are told of nobody. */
  readonly links: number;
}

const networkKey = seedFrom('bench');
/** All peers are one host and one core, so that they wait longer for those that are busy. */
const limits = { inboundPerSecond: 10_000, pendingInbound: 2000, dialMs: 60_000, askMs: 60_000, dhtMs: 60_000 };
let peers: readonly PeerNode[] = [];

function newPeer(name: string, bootstrap: readonly string[]): Promise<PeerNode> {
  const stores = { logs: new MemoryLogStore({ now: Date.now }), blobs: new MemoryBlobStore() };
  return createPeerNode({ ...stores, log: quietLog }, { seed: seedFrom(name), networkKey, bootstrap, limits });
}

/** Resolves when a peer has so many links. */
async function linked(node: PeerNode, links: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = node.onLinks((now) => (now.length >= links ? resolve() : undefined));
  if (node.links().length < links) await promise;
  end();
}

const handlers = {
  /** Starts the first peer, and then all others at once, which are told of the first. Answers how many milliseconds that took until all are linked. */
  start: async ({ peers: count, network, links }: Starting): Promise<number> => {
    const since = performance.now();
    const first = await newPeer(`${network}/0`, []);
    await first.start();
    const bootstrap = links > 0 ? first.multiaddrs() : [];
    const others = await Promise.all(Array.from({ length: count - 1 }, (_, at) => newPeer(`${network}/${at + 1}`, bootstrap)));
    peers = [first, ...others];
    await Promise.all(others.map((node) => node.start()));
    await Promise.all(peers.map((node) => linked(node, links)));
    return performance.now() - since;
  },
  /** Has the last peer announce a blob, and the first that does not know it by itself look it up. */
  works: async (): Promise<void> => {
    const owner = peers.at(-1) as PeerNode;
    const { cid } = nthLookup(0, { peers: peers.length, cids: peers.length });
    await owner.provide([cid]);
    requireFound(0, await (peers[0] as PeerNode).lookup(cid), { tier: 'dht', provider: owner.peerId });
  },
  /** Stops all peers. */
  end: async (): Promise<void> => void (await Promise.all(peers.map((node) => node.stop()))),
};
/** What that process answers. */
export type BootstrapNetworkProcess = typeof handlers;
answerParent(handlers);
