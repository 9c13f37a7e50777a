import { expect, test } from '@jest/globals';
import type { Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { LookupFrame, protocols } from '@souk/contracts';
import { OwnLease, seedFrom, signerOf } from '@souk/domain';
import { factsOf, network, seededBytes, type TestNetwork, type TestPeer } from '@souk/testing';
import { framedCbor, lengthPrefix, streamEnd } from '@souk/testing/hostile';
import { Channel } from '../frame/channel.ts';
import { createLibp2pNode, type FullLibp2p } from '../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';

const patient = { ...fullPeerLimits, ...patientLimits(20) };

const step = { timeoutMs: 60_000 };
const cidOf = (name: string) => factsOf(seededBytes(name, 10)).cid;
const leaseOf = (name: string) => new OwnLease({ signer: signerOf(seedFrom(name)), role: 'leaf', epoch: 1 }).renew(['/ip4/127.0.0.1/tcp/9']);

/** A libp2p node of the network that says to a super-peer what it likes. */
class RawAsker implements AsyncDisposable {
  readonly #libp2p: FullLibp2p;
  readonly #target: TestPeer;

  private constructor(libp2p: FullLibp2p, target: TestPeer) {
    this.#libp2p = libp2p;
    this.#target = target;
  }

  static async near(target: TestPeer): Promise<RawAsker> {
    const libp2p = await createLibp2pNode({ seed: seedFrom('raw'), networkKey: seedFrom('network'), listen: [], announce: [], limits: patient, isLeaf: true, rank: () => 0.5, admit: () => true });
    await libp2p.start();
    return new RawAsker(libp2p, target);
  }

  get id(): string {
    return this.#libp2p.peerId.toString();
  }

  open(): Promise<Stream> {
    return this.#libp2p.dialProtocol(multiaddr(this.#target.node.multiaddrs()[0] as string), protocols.lookup);
  }

  async channel(): Promise<Channel<LookupFrame>> {
    return new Channel(await this.open(), { schema: LookupFrame });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stopLibp2p(this.#libp2p);
  }
}

/** A super-peer at which a leaf leases a blob, and another leaf that looks it up there. */
async function lookupWorld(net: TestNetwork): Promise<{ readonly hub: TestPeer; readonly works: () => Promise<void> }> {
  const hub = await net.peer('super', { role: 'super' });
  const holder = await net.peer('holder', { role: 'leaf', supers: [hub] });
  const facts = await holder.keeps(seededBytes('template', 500));
  void holder.node.provide([facts.cid]);
  const seeker = await net.peer('seeker', { role: 'leaf', supers: [hub] });
  await Promise.all([seeker.hasSupers(1), hub.indexes(3, 1)]);
  const works = async (): Promise<void> => expect(await seeker.node.lookup(facts.cid)).toMatchObject({ tier: 'super', providers: [holder.id] });
  return { hub, works };
}

const garbage: [what: string, bytes: Uint8Array][] = [
  ['a length beyond the limit', lengthPrefix(262_145)],
  ['a message that there is not', framedCbor({ t: 'shutdown' })],
  ['fields of wrong types', framedCbor({ t: 'find?', cids: 7 })],
  ['no cid at all', framedCbor({ t: 'find?', cids: [] })],
  ['a cid that is none', framedCbor({ t: 'have?', cids: ['bafy'] })],
  ['more cids than may be asked for at once', framedCbor({ t: 'find?', cids: Array.from({ length: 101 }, () => cidOf('x')) })],
  ['a bitmap of another length', framedCbor({ t: 'hashes', peer: 'x', filled: new Uint8Array(31), hashes: new Uint8Array(0) })],
  ['more hashes than there are buckets', framedCbor({ t: 'hashes', peer: 'x', filled: new Uint8Array(32), hashes: new Uint8Array(8224) })],
  ['a bucket beyond the last one', framedCbor({ t: 'buckets', peer: 'x', buckets: [{ bucket: 256, digests: new Uint8Array(32) }] })],
];

test('what is no frame of a lookup costs that stream and nothing else', async () => {
  await using net = network();
  const { hub, works } = await lookupWorld(net);
  await using raw = await RawAsker.near(hub);
  for (const [what, bytes] of garbage) {
    const stream = await raw.open();
    const end = streamEnd(stream);
    stream.send(bytes);
    expect([what, await end]).toEqual([what, 'reset']);
  }
  await works();
});

test('a frame that breaks the protocol ends its stream, one that is refused is answered by why, and nobody else is concerned', async () => {
  await using net = network();
  const { hub, works } = await lookupWorld(net);
  await using raw = await RawAsker.near(hub);
  const { signed } = leaseOf('raw');
  const wrong: [what: string, frame: LookupFrame, code: string][] = [
    ['an answer that nobody asked for', { t: 'leased' }, 'reset'],
    ['hashes of a lease that was not brought', { t: 'hashes', peer: raw.id, filled: new Uint8Array(32), hashes: new Uint8Array(0) }, 'reset'],
    ['buckets of a lease that was not brought', { t: 'buckets', peer: raw.id, buckets: [{ bucket: 0, digests: new Uint8Array(32) }] }, 'reset'],
    ["somebody else's lease", { t: 'lease', statement: leaseOf('somebody').signed }, 'FORBIDDEN'],
    ['a lease with a forged signature', { t: 'lease', statement: { ...signed, signature: new Uint8Array(64).fill(1) } }, 'BAD_SIGNATURE'],
  ];
  for (const [what, frame, code] of wrong) {
    const stream = await raw.open();
    const end = streamEnd(stream);
    const channel = new Channel(stream, { schema: LookupFrame });
    await channel.send(frame, step);
    const said = await channel.receive(step).then((answer) => (answer as { code?: string }).code, () => 'reset');
    expect([what, said]).toEqual([what, code]);
    channel.abort(new Error('done'));
    await end;
  }
  await works();
});

test.each<[what: string, ask: (name: string) => LookupFrame]>([
  ['looks up', (name) => ({ t: 'find?', cids: [cidOf(name)] })],
  ['asks what others lease', (name) => ({ t: 'have?', cids: [cidOf(name)] })],
])('who %s more than it may is told RATE_LIMITED, and others are served as before', async (_what, ask) => {
  await using net = network({ lookupLimits: { finds: { perSecond: 0.001, burst: 2 } } });
  const { hub, works } = await lookupWorld(net);
  await using raw = await RawAsker.near(hub);
  const channel = await raw.channel();
  for (const name of ['one', 'two']) {
    await channel.send(ask(name), step);
    expect(await channel.receive(step)).not.toMatchObject({ t: 'error' });
  }
  await channel.send(ask('three'), step);
  expect(await channel.receive(step)).toMatchObject({ t: 'error', code: 'RATE_LIMITED' });
  await works();
});

test('a frame that begins and never ends costs its stream when a frame should be there, while a stream that is silent may stay', async () => {
  const refused: string[] = [];
  await using net = network({ limits: { frameMs: 200 } });
  const ended = Promise.withResolvers<void>();
  const hub = await net.peer('super', { role: 'super', tap: { refused: (protocol, code) => (refused.push(`${protocol} ${code}`), ended.resolve()) } });
  await using raw = await RawAsker.near(hub);
  const [silent, endless] = [await raw.channel(), await raw.open()];
  const end = streamEnd(endless);
  endless.send(lengthPrefix(1000));
  await ended.promise;
  expect(await end).toBe('reset');
  expect(refused).toEqual([`${protocols.lookup} TIMEOUT`]);
  await silent.send({ t: 'have?', cids: [cidOf('x')] }, step);
  expect(await silent.receive(step)).toMatchObject({ t: 'have' });
});
