import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import type { GossipSub } from '@libp2p/gossipsub';
import { multiaddr } from '@multiformats/multiaddr';
import { protocols } from '@souk/contracts';
import { seedFrom } from '@souk/domain';
import { createLibp2pNode, type FullLibp2p } from '../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';
import { meshParams } from './mesh-params.ts';
import { strangers } from './tell-strangers.ts';

const peers = 12;
/** A second each. */
const heartbeats = 5;
const limits = { ...fullPeerLimits, ...patientLimits(20) };

/** Gossipsub, with what its interface leaves out. */
type Pubsub = GossipSub & EventTarget & { readonly heartbeatTicks: number; readonly opts: { readonly opportunisticGraftTicks: number }; getMeshPeers(topic: string): string[] };
const pubsubOf = (node: FullLibp2p): Pubsub => node.services.pubsub as Pubsub;

/** Members of gossip, each linked to all others. */
class Crowd implements AsyncDisposable {
  readonly nodes: FullLibp2p[] = [];

  static async start(): Promise<Crowd> {
    const crowd = new Crowd();
    for (let peer = 0; peer < peers; peer += 1) {
      const node = await createLibp2pNode({ seed: seedFrom(`peer ${peer}`), networkKey: seedFrom('network'), listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], limits, rank: () => 0.5, admit: () => true });
      await node.start();
      pubsubOf(node).subscribe(protocols.headsTopic);
      for (const earlier of crowd.nodes) await node.dial(multiaddr(String(earlier.getMultiaddrs()[0])));
      crowd.nodes.push(node);
    }
    await Promise.all(crowd.nodes.map((node) => crowd.#knowsAll(pubsubOf(node))));
    return crowd;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map(stopLibp2p));
  }

  /** Resolves when somebody knows that all others listen. */
  async #knowsAll(pubsub: Pubsub): Promise<void> {
    while (pubsub.getSubscribers(protocols.headsTopic).length < peers - 1) await once(pubsub, 'subscription-change');
  }
}

/** The sizes of somebody's mesh after so many heartbeats, each of which mends it; but for those, one in sixty, at which gossipsub tries out better neighbours. */
async function meshSizes(pubsub: Pubsub): Promise<number[]> {
  const sizes: number[] = [];
  while (sizes.length < heartbeats) {
    await once(pubsub, 'gossipsub:heartbeat');
    if (pubsub.heartbeatTicks % pubsub.opts.opportunisticGraftTicks !== 0) sizes.push(pubsub.getMeshPeers(protocols.headsTopic).length);
  }
  return sizes;
}

test('among twelve peers that are all linked nobody passes records on to more than the mesh has, nor tells many others of its own', async () => {
  await using crowd = await Crowd.start();
  const sizes = await Promise.all(crowd.nodes.map((node) => meshSizes(pubsubOf(node))));
  // One more for a moment: a link of its own, where none was left.
  expect(Math.max(...sizes.flat())).toBeLessThanOrEqual(meshParams.Dhi + meshParams.Dout);
  const { recipients } = await pubsubOf(crowd.nodes[0] as FullLibp2p).publish(protocols.headsTopic, Uint8Array.of(0xff));
  expect(recipients.length).toBeGreaterThanOrEqual(strangers);
  expect(recipients.length).toBeLessThan(peers - 1);
});
