import { blobCid, MemoryBlobStore, MemoryLogStore, seedFrom, sha256Of, type Cid } from '@souk/domain';
import { createPeerNode, type PeerIdentity, type PeerNode } from '@souk/p2p';
import { simulatedNetwork } from '@souk/testing/simulated';
import { answerParent } from '../parts/asked-process.ts';
import { quietLog } from '../parts/quiet-log.ts';
import { until } from '../parts/until.ts';

/** A process with super-peers and leaves, all real nodes, whose links are as slow as said once they are there. */

/** How large the network is, and how long its links take from end to end, in milliseconds. */
export interface LookupNetwork {
  readonly leaves: number;
  readonly supers: number;
  /** Cids that all leaves lease together. */
  readonly cids: number;
  readonly delayMs: number;
}

const sim = simulatedNetwork({ seed: 1 });
const networkKey = seedFrom('bench');
const cidOf = (number: number): Cid => blobCid(sha256Of(new TextEncoder().encode(`cid ${number}`)));
const stores = (): { logs: MemoryLogStore; blobs: MemoryBlobStore } => ({ logs: new MemoryLogStore({ now: Date.now }), blobs: new MemoryBlobStore() });
let size: LookupNetwork = { leaves: 0, supers: 0, cids: 0, delayMs: 0 };
let host: PeerNode;

async function startSuper(name: string): Promise<PeerNode> {
  const node = await createPeerNode({ ...stores(), log: quietLog }, { role: 'super', seed: seedFrom(name), networkKey, listen: [`/memory/${name}`], wrapTransport: sim.transportOf(name) });
  await node.start();
  return node;
}

async function startLeaves(supers: readonly string[]): Promise<PeerNode> {
  const [seed, ...furtherSeeds] = Array.from({ length: size.leaves }, (_, leaf) => seedFrom(`leaf/${leaf}`)) as [Uint8Array, ...Uint8Array[]];
  // Nobody dials these leaves: a lookup asks super-peers.
  const node = await createPeerNode({ ...stores(), log: quietLog }, { role: 'leaf', seed, furtherSeeds, networkKey, supers, listen: [], wrapTransport: sim.transportOf('leaves') });
  const each = size.cids / size.leaves;
  for (const [leaf, identity] of node.identities.entries()) void identity.provide(Array.from({ length: each }, (_, at) => cidOf(leaf * each + at)));
  await node.start();
  await until(() => node.identities.every((one) => one.superPeers().length === Math.min(2, size.supers)));
  return node;
}

const handlers = {
  start: async (wanted: LookupNetwork): Promise<void> => {
    size = wanted;
    const names = Array.from({ length: size.supers }, (_, at) => `super-${at}`);
    const supers = await Promise.all(names.map(startSuper));
    const addresses = supers.map((node) => node.multiaddrs()[0] as string);
    for (const node of supers) node.setSupers(addresses);
    await until(() => supers.every((node) => node.superPeers().length === size.supers - 1));
    host = await startLeaves(addresses);
    await until(() => supers.every((node) => node.indexSize()?.pairs === size.cids));
    for (const name of names) {
      sim.link('leaves', name).delay(size.delayMs);
      for (const other of names) if (other !== name) sim.link(name, other).delay(size.delayMs);
    }
  },
  /** The n-th lookup: of a cid and by a leaf that no other one of the first `leaves` lookups is of or by. Answers how many milliseconds it took. */
  lookup: async (n: number): Promise<number> => {
    const seeker = n % size.leaves;
    const owner = (seeker + 1 + (n % (size.leaves - 1))) % size.leaves;
    const each = size.cids / size.leaves;
    const since = performance.now();
    const { tier, providers } = await (host.identities[seeker] as PeerIdentity).lookup(cidOf(owner * each + (n % each)));
    const ms = performance.now() - since;
    if (tier !== 'super' || providers.join() !== host.identities[owner]?.peerId) throw new Error(`lookup ${n} ended at the tier ${tier} with ${providers.length} providers`);
    return ms;
  },
};
/** What that process answers. */
export type LookupNetworkProcess = typeof handlers;
answerParent(handlers);
