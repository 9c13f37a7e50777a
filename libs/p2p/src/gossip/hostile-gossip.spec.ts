import { setTimeout as after } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { GossipSub } from '@libp2p/gossipsub';
import type { PeerId } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { protocols } from '@souk/contracts';
import { encodeCbor, MemoryLogStore, noEvidence, observe, score, seedFrom, type Evidence, type VerifiedRecord } from '@souk/domain';
import { LogWriter } from '@souk/testing';
import { createLibp2pNode, type FullLibp2p } from '../node/create-libp2p-node.ts';
import { fullPeerLimits } from '../node/peer-limits.ts';
import { SharedRanges } from '../node/shared-ranges.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';
import { Turns } from '../node/turns.ts';
import { ChargedIntake } from '../sync/charged-intake.ts';
import { toFrame } from '../sync/frame-record.ts';
import { RecordIntake } from '../sync/record-intake.ts';
import { Gossip } from './gossip.ts';
import { scoreThresholds } from './score-params.ts';

/** What gossipsub has beyond its interface. */
type OpenGossipSub = GossipSub & { getScore(peer: string): number; handleReceivedRpc(from: PeerId, rpc: { readonly messages: readonly unknown[] }): Promise<void> };

const note = Uint8Array.of(0xa0);
const ignore = (): void => undefined;
const { graylistThreshold } = scoreThresholds;
/** Gossipsub looks at the score of whom it had no complaint about a second later only (its `ACCEPT_FROM_WHITELIST_DURATION_MS`). */
const trustedMs = 1100;

/** Asks again until the answer is yes: scores tell nobody that they changed. */
async function whenever(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await after(20);
}

/** A node that judges what is gossiped to it, and others that gossip. */
class Scene implements AsyncDisposable {
  readonly logs = new MemoryLogStore({ now: () => 0 });
  readonly evidence = new Map<string, Evidence>();
  /** All hubs: none is linked to another, so that nothing comes by way of a third. */
  static readonly #hubs = new Set<string>();
  readonly #nodes: FullLibp2p[] = [];
  #hub: FullLibp2p | undefined;
  #gossip: Gossip | undefined;
  readonly #shared: readonly string[];
  /** Peers of which a message came in that was listened to or not. */
  readonly heardOf: string[] = [];

  private constructor(shared: readonly string[]) {
    this.#shared = shared;
  }

  static async start(shared: readonly string[] = ['127.0.0.0/8']): Promise<Scene> {
    const scene = new Scene(shared);
    const hub = (scene.#hub = await scene.node(`hub ${Scene.#hubs.size}`, '127.0.0.1'));
    Scene.#hubs.add(hub.peerId.toString());
    const { logs } = scene;
    const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
    const intake = new ChargedIntake({ logs, intake: new RecordIntake({ logs }, { records: ignore, forks: ignore }), now: () => 0, log, deferred: ignore });
    const blame = (peer: string): void => void scene.evidence.set(peer, observe(scene.evidence.get(peer) ?? noEvidence, { outcome: 'corrupt', bytes: 0, at: 0 }));
    scene.#gossip = new Gossip({ pubsub: pubsubOf(hub), logs, intake, limits: fullPeerLimits, log, turns: new Turns(), ask: ignore, blame });
    scene.#gossip.start();
    const pubsub = pubsubOf(hub);
    const receive = pubsub.handleReceivedRpc.bind(pubsub);
    pubsub.handleReceivedRpc = async (from, rpc) => {
      await receive(from, rpc);
      if (rpc.messages.length > 0) scene.heardOf.push(from.toString());
    };
    return scene;
  }

  /** A started node; one that is not the hub is linked to it, and may be to the hubs of other scenes, but to nobody else. */
  async node(name: string, host: string, others: readonly Scene[] = []): Promise<FullLibp2p> {
    const isHub = this.#hub === undefined;
    const node = await createLibp2pNode({
      seed: seedFrom(name),
      networkKey: seedFrom('network'),
      listen: [`/ip4/${host}/tcp/0`],
      announce: [],
      limits: fullPeerLimits,
      sharedRanges: new SharedRanges(isHub ? this.#shared : ['127.0.0.0/8']),
      rank: (peer) => score(this.evidence.get(peer) ?? noEvidence),
      admit: (peer) => (isHub ? !Scene.#hubs.has(peer) : [this, ...others].some((scene) => scene.#hub?.peerId.toString() === peer)),
    });
    this.#nodes.push(node);
    await node.start();
    if (this.#hub) await this.links(node);
    return node;
  }

  /** Has the hub dial a node; resolves when that hears what the hub subscribed to. */
  async links(node: FullLibp2p): Promise<void> {
    const hub = this.#hub as FullLibp2p;
    pubsubOf(node).subscribe(protocols.headsTopic);
    await hub.dial(multiaddr(String(node.getMultiaddrs()[0])));
    await whenever(() => pubsubOf(node).getSubscribers(protocols.headsTopic).some((peer) => peer.equals(hub.peerId)));
  }

  /** The hub's gossip score of a node. */
  scoreOf(node: FullLibp2p): number {
    return pubsubOf(this.#hub as FullLibp2p).getScore(node.peerId.toString());
  }

  async holds(record: VerifiedRecord): Promise<boolean> {
    return (await this.logs.head(record.key)) !== undefined;
  }

  /** Has a node gossip something; resolves when the hub has listened to it, or has not. */
  async gossips(node: FullLibp2p, data: Uint8Array): Promise<void> {
    await Promise.all([this.hears(node), pubsubOf(node).publish(protocols.headsTopic, data)]);
  }

  /** Resolves when a message more of that node came in, whether it was listened to or not. */
  async hears(node: FullLibp2p): Promise<void> {
    const count = (): number => this.heardOf.filter((one) => one === node.peerId.toString()).length;
    const before = count();
    await whenever(() => count() > before);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map((node) => stopLibp2p(node)));
    await this.#gossip?.stop();
  }
}

function pubsubOf(node: FullLibp2p): OpenGossipSub {
  return (node.services as Required<typeof node.services>).pubsub as OpenGossipSub;
}

function recordOf(name: string): VerifiedRecord {
  return new LogWriter(name).writeBytes('note', note);
}

const sound = (record: VerifiedRecord): Uint8Array => encodeCbor({ t: 'record', record: toFrame(record) });

function forged(name: string): Uint8Array {
  const frame = toFrame(recordOf(name));
  return encodeCbor({ t: 'record', record: { ...frame, signature: frame.signature.map((byte) => byte ^ 1) } });
}

test('who gossips forged records is soon not listened to any more, whatever it sends, its reputation falls, and others go on', async () => {
  await using scene = await Scene.start();
  const [bad, good] = [await scene.node('bad', '127.0.0.1'), await scene.node('good', '127.0.0.1')];
  for (let turn = 0; scene.scoreOf(bad) > graylistThreshold; turn += 1) await scene.gossips(bad, forged(`forged ${turn}`));
  await after(trustedMs);
  const reputation = score(scene.evidence.get(bad.peerId.toString()) ?? noEvidence);
  expect(reputation).toBeLessThan(0.1);
  const [unheard, heard] = [recordOf('unheard'), recordOf('heard')];
  await scene.gossips(bad, sound(unheard));
  await scene.gossips(good, sound(heard));
  await whenever(() => scene.holds(heard));
  expect(await scene.holds(unheard)).toBe(false);
  expect(scene.scoreOf(good)).toBeGreaterThanOrEqual(0);
  expect(scene.evidence.has(good.peerId.toString())).toBe(false);
});

test('what our own reputation says of a peer moves its gossip score', async () => {
  await using scene = await Scene.start();
  const node = await scene.node('fetched from', '127.0.0.1');
  const id = node.peerId.toString();
  const before = scene.scoreOf(node);
  scene.evidence.set(id, observe(noEvidence, { outcome: 'corrupt', bytes: 0, at: 0 }));
  await whenever(() => scene.scoreOf(node) < before - 5);
});

test('sixteen peers behind one address are sixteen peers in a shared range, and elsewhere one attacker who is not listened to', async () => {
  await using shared = await Scene.start(['127.0.0.0/8']);
  await using strict = await Scene.start(['127.0.0.3/32']);
  const crowd = await Promise.all(Array.from({ length: 16 }, (_, index) => shared.node(`crowd ${index}`, '127.0.0.2', [strict])));
  await Promise.all(crowd.map((node) => strict.links(node)));
  const other = await strict.node('other', '127.0.0.3');
  expect(crowd.filter((node) => shared.scoreOf(node) < 0)).toEqual([]);
  await whenever(() => crowd.every((node) => strict.scoreOf(node) < graylistThreshold));
  await after(trustedMs);
  const [first, second] = [recordOf('of the crowd'), recordOf('of another')];
  const [one] = crowd as [FullLibp2p];
  await Promise.all([shared.hears(one), strict.hears(one), pubsubOf(one).publish(protocols.headsTopic, sound(first))]);
  await strict.gossips(other, sound(second));
  await whenever(async () => (await shared.holds(first)) && (await strict.holds(second)));
  expect(await strict.holds(first)).toBe(false);
});
