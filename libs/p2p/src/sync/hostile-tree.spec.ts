import { expect, test } from '@jest/globals';
import { multiaddr } from '@multiformats/multiaddr';
import { protocols, SyncFrame, type FrameNode } from '@souk/contracts';
import { digestOfNode, HeadTree, keyId, seedFrom, sha256Of, toHex, type Head } from '@souk/domain';
import { author, network, until, type TestPeer } from '@souk/testing';
import { Channel } from '../frame/channel.ts';
import { createLibp2pNode, type FullLibp2p } from '../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';

const patient = { ...fullPeerLimits, ...patientLimits(20) };

/** Bytes are sent as they are, and the stream is ended behind them. */
type Answer = (frame: SyncFrame) => SyncFrame | Uint8Array;
const step = { timeoutMs: 10_000 };

/** A peer of the network that answers `/souk/sync/1` as it likes, linked to `target`. */
class Liar implements AsyncDisposable {
  readonly #libp2p: FullLibp2p;
  asked = 0;

  private constructor(libp2p: FullLibp2p) {
    this.#libp2p = libp2p;
  }

  static async near(target: TestPeer, answer: Answer): Promise<Liar> {
    const libp2p = await createLibp2pNode({ seed: seedFrom('liar'), networkKey: seedFrom('network'), listen: [], announce: [], limits: patient, rank: () => 0.5, admit: () => true });
    const liar = new Liar(libp2p);
    await libp2p.handle(protocols.sync, async (stream) => {
      const channel = new Channel(stream, { schema: SyncFrame });
      for (let frame = await channel.receive(step); frame; frame = await channel.receive(step)) {
        liar.asked += 1;
        const one = answer(frame);
        if (!(one instanceof Uint8Array)) await channel.send(one, step);
        else {
          if (one.length > 0) stream.send(one);
          return channel.close();
        }
      }
    });
    await libp2p.start();
    await libp2p.dial(multiaddr(target.node.multiaddrs()[0] as string));
    await until(() => target.node.links().some(({ peer }) => peer === liar.id), target.changes);
    return liar;
  }

  get id(): string {
    return this.#libp2p.peerId.toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopLibp2p(this.#libp2p);
  }
}

const full: FrameNode = { digests: new Uint8Array(512).fill(7) };
const rootOf = (node: FrameNode): string => toHex(digestOfNode(node));
const heads = (count: number): Head[] => Array.from({ length: count }, (_, index) => ({ key: keyId(sha256Of(Uint8Array.of(index >> 8, index & 255))), seq: 0, hash: sha256Of(Uint8Array.of(index & 255)) }));
const frameNode = (tree: HeadTree, at: string): FrameNode => structuredClone(tree.nodeAt(at)) as FrameNode;
const noRuns: Answer = (frame) => ({ t: 'records', runs: (frame as Extract<SyncFrame, { t: 'records?' }>).logs.map(() => ({ records: [], more: false })) });

/** Answers a greeting with `top`, and everything else by `then`. */
const greeting = (top: FrameNode, then: Answer = () => ({ t: 'nodes', nodes: [top] })): Answer => (frame) => (frame.t === 'hello' ? { t: 'differs', root: rootOf(top), node: top } : then(frame));

/** Nodes upon nodes, each as its parent promises, with `width` children each: as deep as one likes, at no cost to who tells them. */
function bottomless(width: number): Answer {
  const levels: FrameNode[] = [full];
  for (let level = 0; level < 70; level += 1) {
    const digest = digestOfNode(levels[0] as FrameNode);
    levels.unshift({ digests: Uint8Array.from({ length: 512 }, (_, at) => (at < width * 32 ? (digest[at % 32] as number) : 0)) });
  }
  return greeting(levels[0] as FrameNode, (frame) => ({ t: 'nodes', nodes: (frame as Extract<SyncFrame, { t: 'nodes?' }>).at.map((at) => levels[at.length] as FrameNode) }));
}

/** A true tree of logs that nobody wrote. */
function invented(count: number): Answer {
  const tree = HeadTree.empty.with(heads(count));
  return greeting(frameNode(tree, ''), (frame) => (frame.t === 'nodes?' ? { t: 'nodes', nodes: frame.at.map((at) => frameNode(tree, at)) } : noRuns(frame)));
}

const leaf = frameNode(HeadTree.empty.with(heads(20)), '') as { heads: Head[] };

const lies: [string, Answer, RegExp][] = [
  ['a node that its root does not promise', (frame) => (frame.t === 'hello' ? { t: 'differs', root: 'ab'.repeat(32), node: full } : { t: 'same' }), /is not the one that was promised/],
  ['a root that is none', () => ({ t: 'differs', root: 'z'.repeat(64), node: full }), /head root that is none/],
  ['children that their parent does not promise', greeting(full, (frame) => ({ t: 'nodes', nodes: (frame as Extract<SyncFrame, { t: 'nodes?' }>).at.map(() => full) })), /is not the one that was promised/],
  ['fewer nodes than were asked for', greeting(full), /told 1 nodes where 16/],
  ['a tree without a bottom', bottomless(1), /below the last digit/],
  ['heads in another order', greeting({ heads: leaf.heads.toReversed() }), /out of order/],
  ['logs that nobody wrote', invented(200), /promised records and sent none/],
  ['records of more logs than were asked for', greeting(leaf, () => ({ t: 'records', runs: Array.from({ length: 21 }, () => ({ records: [], more: true })) })), /21 logs where 20/],
];

test.each(lies)('%s: that stream ends with a typed error, and nothing else does', async (_what, answer, words) => {
  await using net = network();
  const a = await net.peer('a');
  await using liar = await Liar.near(a, answer);
  await expect(a.node.syncWith(liar.id)).rejects.toMatchObject({ code: 'BAD_FRAME', message: expect.stringMatching(words) });
  expect(a.node.links()).toMatchObject([{ peer: liar.id, inSync: false }]);
  expect(liar.asked).toBeLessThan(100);
  const ada = author('ada');
  const b = await net.peer('b', { join: [a] });
  await b.publishes(...ada.records);
  await a.holds(...ada.records);
});

test('a tree of more nodes than one exchange may ask for, with nothing new in it, is given up', async () => {
  await using net = network({ limits: { syncNodes: 200 } });
  const a = await net.peer('a');
  await using liar = await Liar.near(a, bottomless(16));
  await expect(a.node.syncWith(liar.id)).rejects.toMatchObject({ code: 'BAD_FRAME', message: expect.stringMatching(/more of its heads than one exchange/) });
  expect(liar.asked).toBeLessThan(20);
  expect(a.node.links()).toHaveLength(1);
});

const ends: [string, Answer][] = [
  ['ends its stream instead of answering', () => new Uint8Array(0)],
  ['ends its stream inside a frame', () => Uint8Array.of(100, 1, 2, 3)],
  ['ends its stream in mid-exchange', greeting(full, () => new Uint8Array(0))],
];

test.each(ends)('a peer that %s, as every peer does whose link is given up, is out of reach and not held to be lying', async (_what, answer) => {
  await using net = network();
  const a = await net.peer('a');
  await using liar = await Liar.near(a, answer);
  await expect(a.node.syncWith(liar.id)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  expect(a.lines.filter((line) => line.level === 'warn' || line.level === 'error')).toEqual([]);
});
