import { expect, test } from '@jest/globals';
import type { Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { maxQueried, protocols, QueryFrame } from '@souk/contracts';
import { seedFrom, type PackageName } from '@souk/domain';
import { author, network, type TestNetwork, type TestPeer } from '@souk/testing';
import { framedCbor, lengthPrefix, streamEnd } from '@souk/testing/hostile';
import { Channel } from '../frame/channel.ts';
import { createLibp2pNode, type FullLibp2p } from '../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';
import type { Question } from './query-server.ts';

const patient = { ...fullPeerLimits, ...patientLimits(20) };
const step = { timeoutMs: 60_000 };
const ada = author('ada');
const question: Question = { t: 'packages?', names: ['kit' as PackageName] };

/** A libp2p node of the network that speaks `/souk/query/1` as a test likes. */
class RawPeer implements AsyncDisposable {
  readonly #libp2p: FullLibp2p;

  private constructor(libp2p: FullLibp2p) {
    this.#libp2p = libp2p;
  }

  static async start(name: string): Promise<RawPeer> {
    const libp2p = await createLibp2pNode({ seed: seedFrom(name), networkKey: seedFrom('network'), listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], limits: patient, isLeaf: true, rank: () => 0.5, admit: () => true });
    await libp2p.start();
    return new RawPeer(libp2p);
  }

  get id(): string {
    return this.#libp2p.peerId.toString();
  }

  get address(): string {
    return String(this.#libp2p.getMultiaddrs()[0]);
  }

  open(target: TestPeer): Promise<Stream> {
    return this.#libp2p.dialProtocol(multiaddr(target.node.multiaddrs()[0] as string), protocols.query);
  }

  /** Answers every question with these frames. */
  async answers(...frames: readonly QueryFrame[]): Promise<void> {
    await this.#libp2p.handle(protocols.query, async (stream) => {
      const channel = new Channel(stream, { schema: QueryFrame });
      try {
        await channel.receive(step);
        for (const frame of frames) await channel.send(frame, step);
        await channel.receive(step);
      } catch {
        channel.abort(new Error('over'));
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopLibp2p(this.#libp2p);
  }
}

/** A super-peer that answers, and a leaf that asks it. */
async function world(net: TestNetwork): Promise<{ readonly hub: TestPeer; readonly works: () => Promise<void> }> {
  const records = async () => ({ records: ada.records });
  const hub = await net.peer('super', { role: 'super', answers: { packages: records, followed: records, search: () => Promise.reject(new Error('there is no index')) } });
  const leaf = await net.peer('leaf', { role: 'leaf', supers: [hub] });
  await leaf.hasSupers(1);
  return { hub, works: async () => expect((await leaf.node.ask(question)).records).toHaveLength(ada.records.length) };
}

const garbage: [what: string, bytes: Uint8Array][] = [
  ['a length beyond the limit', lengthPrefix(262_145)],
  ['a message that there is not', framedCbor({ t: 'drop?' })],
  ['fields of wrong types', framedCbor({ t: 'packages?', names: 7 })],
  ['no name at all', framedCbor({ t: 'packages?', names: [] })],
  ['a name that is none', framedCbor({ t: 'packages?', names: ['../etc'] })],
  ['more names than may be asked for at once', framedCbor({ t: 'packages?', names: Array.from({ length: maxQueried.names + 1 }, (_, index) => `p${index}`) })],
  ['a page without end', framedCbor({ t: 'search?', query: { q: 'x', limit: 1e9 } })],
  ['a publisher that is none', framedCbor({ t: 'follow?', publishers: ['z6Mk'], names: [] })],
  ['an answer that nobody asked for', framedCbor({ t: 'records', records: [], more: false })],
];

test('what is no question costs that stream and nothing else', async () => {
  await using net = network();
  const { hub, works } = await world(net);
  await using raw = await RawPeer.start('raw');
  for (const [what, bytes] of garbage) {
    const stream = await raw.open(hub);
    const end = streamEnd(stream);
    stream.send(bytes);
    expect([what, await end]).toEqual([what, 'reset']);
  }
  await works();
});

test('a question that can not be answered is answered by why, without a word of what is inside', async () => {
  await using net = network();
  const { hub, works } = await world(net);
  await using raw = await RawPeer.start('raw');
  const channel = new Channel(await raw.open(hub), { schema: QueryFrame });
  await channel.send({ t: 'search?', query: { q: 'x', sort: 'relevance', limit: 20, offset: 0 } }, step);
  const answer = await channel.receive(step);
  expect(answer).toMatchObject({ t: 'error', code: 'INTERNAL' });
  expect(JSON.stringify(answer)).not.toContain('no index');
  await channel.close();
  await works();
});

const noMore: Extract<QueryFrame, { t: 'records' }> = { t: 'records', records: [], more: false };
const found: QueryFrame = { t: 'found', total: 0, hits: [], facets: { kind: [], keyword: [], license: [] } };

test.each<[what: string, frames: readonly QueryFrame[]]>([
  ['asks back', [question]],
  ['tells hits where packages were asked for', [found, noMore]],
  ['announces records and sends none', [{ ...noMore, more: true }]],
  ['leaves for later what was not asked for', [{ ...noMore, later: ['other' as PackageName] }]],
  ['sends a record that is none', [{ ...noMore, records: [{ header: Uint8Array.of(1), signature: new Uint8Array(64) }] }]],
])('a super-peer that %s is not believed', async (_what, frames) => {
  await using net = network();
  await using raw = await RawPeer.start('fake');
  await raw.answers(...frames);
  const leaf = await net.peer('leaf', { role: 'leaf', supers: [raw.address] });
  await leaf.hasSupers(1);
  await expect(leaf.node.ask(question)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(leaf.verdicts.filter((one) => one.peer === raw.id).map((one) => one.verdict)).toContain('bad-answer');
});

test('a super-peer that says nothing is given up after its time', async () => {
  await using net = network();
  await using raw = await RawPeer.start('fake');
  await raw.answers();
  const leaf = await net.peer('leaf', { role: 'leaf', supers: [raw.address], lookupLimits: { answerMs: 300 } });
  await leaf.hasSupers(1);
  await expect(leaf.node.ask(question)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(leaf.verdicts.filter((one) => one.peer === raw.id).map((one) => one.verdict)).toContain('silent');
});
