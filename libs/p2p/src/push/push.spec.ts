import { setTimeout as after } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { multiaddr } from '@multiformats/multiaddr';
import { protocols, PushFrame } from '@souk/contracts';
import { seedFrom, type VerifiedRecord } from '@souk/domain';
import { author, LogWriter, network, until, type Changes, type TestNetwork, type TestPeer, type TestPeerOptions } from '@souk/testing';
import type { FrameTap } from '../frame/channel.ts';
import { Channel } from '../frame/channel.ts';
import { createLibp2pNode, type FullLibp2p } from '../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';
import { toFrame } from '../sync/frame-record.ts';
import type { TraceHook } from '../frame/trace-hook.ts';

const patient = { ...fullPeerLimits, ...patientLimits(20) };

const note = Uint8Array.of(0xa0);

/** Resolves when what one peer gossips reaches another: some time after they are linked. */
async function gossips(from: TestPeer, to: TestPeer): Promise<void> {
  const writer = new LogWriter(`${from.name} to ${to.name}`);
  const heard = new AbortController();
  const reached = until(async () => (await to.logs.head(writer.key)) !== undefined, to.changes).then(() => heard.abort());
  while (!heard.signal.aborted) {
    await from.publishes(writer.writeBytes('note', note));
    await after(20, undefined, { signal: heard.signal }).catch(() => undefined);
  }
  await reached;
  await to.holds(...writer.records);
}

/** Super-peers that are linked to each other and gossip. */
async function superPeers(net: TestNetwork, names: readonly string[], options: TestPeerOptions = {}): Promise<TestPeer[]> {
  const supers = await Promise.all(names.map((name) => net.peer(name, { role: 'super', ...options })));
  for (const one of supers) one.node.setSupers(supers.flatMap((other) => other.node.multiaddrs()));
  await Promise.all(supers.map((one) => one.hasSupers(supers.length - 1)));
  for (const from of supers) for (const to of supers) if (from !== to) await gossips(from, to);
  return supers;
}

/** What passes at a leaf: streams that it opened, frames that it got, by protocol. */
class Watch {
  readonly opened: string[] = [];
  readonly received: string[] = [];
  readonly #watchers = new Set<() => void>();

  readonly tap: FrameTap = {
    opened: (protocol) => this.opened.push(protocol),
    received: (protocol) => {
      this.received.push(protocol);
      for (const watcher of this.#watchers) watcher();
    },
  };

  readonly changes: Changes = (changed) => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };

  /** Resolves when so many frames were pushed. */
  pushed(frames: number): Promise<void> {
    return until(() => this.received.filter((protocol) => protocol === protocols.push).length >= frames, this.changes);
  }
}

/** A leaf that each of its super-peers has told its root: it follows. */
async function leaf(net: TestNetwork, name: string, supers: readonly TestPeer[], options: TestPeerOptions = {}): Promise<{ peer: TestPeer; watch: Watch }> {
  const watch = new Watch();
  const peer = await net.peer(name, { role: 'leaf', supers, tap: watch.tap, ...options });
  await watch.pushed(supers.length);
  return { peer, watch };
}

test('what is published anywhere is pushed to the leaves of every super-peer: nobody waits for a timer', async () => {
  await using net = network();
  const supers = await superPeers(net, ['one', 'two']);
  const [one, two] = supers as [TestPeer, TestPeer];
  const full = await net.peer('full', { join: [one] });
  await full.linkedTo(one);
  await gossips(full, one);
  const [{ peer: near }, { peer: far }] = [await leaf(net, 'near', [one]), await leaf(net, 'far', [two])];
  const [ada, bob, eve] = [author('ada'), author('bob'), author('eve')];
  await one.publishes(...ada.records);
  await Promise.all([near.holds(...ada.records), far.holds(...ada.records)]);
  await full.publishes(...bob.records);
  await Promise.all([near.holds(...bob.records), far.holds(...bob.records)]);
  await near.publishes(...eve.records);
  await far.holds(...eve.records);
  await net.converged();
});

test('a leaf has one stream with each of its super-peers, however much is pushed on it', async () => {
  await using net = network();
  const supers = await superPeers(net, ['one', 'two']);
  const { peer, watch } = await leaf(net, 'leaf', supers);
  const writer = new LogWriter('courier');
  for (let turn = 0; turn < 20; turn += 1) {
    const record = writer.writeBytes('note', note);
    await (supers[turn % 2] as TestPeer).publishes(record);
    await Promise.all([...supers, peer].map((one) => one.holds(record)));
  }
  expect(watch.opened.filter((protocol) => protocol === protocols.push)).toHaveLength(2);
});

test('what a super-peer syncs is told to those who do not follow, however many leaves it has', async () => {
  await using net = network();
  const [one] = (await superPeers(net, ['one'])) as [TestPeer];
  await Promise.all(Array.from({ length: 12 }, (_, index) => leaf(net, `leaf-${index}`, [one])));
  const [a, b] = [await net.peer('a', { join: [one] }), await net.peer('b', { join: [one] })];
  await one.hasLinks(14);
  await net.converged();
  const writer = new LogWriter('courier');
  for (let turn = 0; turn < 6; turn += 1) {
    const record = writer.writeBytes('note', note);
    await a.logs.append([record]);
    await one.node.syncWith(a.id);
    await b.holds(record);
  }
});

test('of an import only that it is there is pushed, and the leaf syncs', async () => {
  await using net = network();
  const [one] = (await superPeers(net, ['one'])) as [TestPeer];
  const { peer } = await leaf(net, 'leaf', [one]);
  const writers = Array.from({ length: 100 }, (_, index) => new LogWriter(`writer-${index}`));
  const records = writers.flatMap((writer) => [1, 2, 3].map(() => writer.writeBytes('note', note)));
  await one.publishes(...records);
  await peer.holds(...records);
});

const untraced: TraceHook = { current: () => undefined, ask: (_exchange, work) => work(), serve: (_exchange, _trace, work) => work() };

test('what is pushed is taken under the trace of its publishing', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const ran: string[] = [];
  await using net = network();
  const [one] = (await superPeers(net, ['one'], { trace: { ...untraced, current: () => traceparent } })) as [TestPeer];
  const follower = await leaf(net, 'leaf', [one], {
    trace: {
      ...untraced,
      serve: async (_exchange, trace, work) => {
        ran.push(trace);
        return work();
      },
    },
  });
  const ada = author('ada');
  ran.length = 0;
  await one.publishes(...ada.records);
  await follower.peer.holds(...ada.records);
  expect(ran).toContain(traceparent);
});

test('a super-peer of a version that does not push is not asked to, and is synced with as before', async () => {
  await using net = network({ reconcileMs: 20 });
  const older = await net.peer('older');
  const watch = new Watch();
  const peer = await net.peer('leaf', { role: 'leaf', supers: [older], tap: watch.tap });
  await peer.hasSupers(1);
  const ada = author('ada');
  await older.publishes(...ada.records);
  await peer.holds(...ada.records);
  expect(watch.opened).not.toContain(protocols.push);
});

test('a leaf of a version that does not follow is told of news as before', async () => {
  await using net = network();
  const [one] = (await superPeers(net, ['one'])) as [TestPeer];
  const raw = await rawNode('old leaf');
  const greeted = new Promise<void>((resolve) => void raw.handle(protocols.sync, () => resolve()));
  await raw.dial(multiaddr(one.node.multiaddrs()[0] as string));
  await one.hasLinks(1);
  const b = await net.peer('b', { join: [one] });
  await b.linkedTo(one);
  const ada = author('ada');
  await b.logs.append(ada.records);
  await b.node.syncWith(one.id);
  await greeted;
  await stopLibp2p(raw);
});

/** A libp2p node without any of our parts. */
async function rawNode(name: string, listen: readonly string[] = []): Promise<FullLibp2p> {
  const raw = await createLibp2pNode({ seed: seedFrom(name), networkKey: seedFrom('network'), listen, announce: [], limits: patient, isLeaf: true, rank: () => 0.5, admit: () => true });
  await raw.start();
  return raw;
}

/** A stream on which a raw node follows a super-peer; it reads when it is told to. */
async function following(raw: FullLibp2p, superPeer: TestPeer): Promise<Channel<PushFrame>> {
  const stream = await raw.dialProtocol(multiaddr(superPeer.node.multiaddrs()[0] as string), protocols.push);
  const channel = new Channel(stream, { schema: PushFrame });
  await channel.send({ t: 'follow' }, { timeoutMs: 20_000 });
  return channel;
}

const large = new Uint8Array(60_003);
large.set([0x59, 0xea, 0x60]);

test('for a leaf that reads slowly nothing is kept beyond what all share: it is told to sync, and other leaves miss nothing', async () => {
  await using net = network();
  const [one] = (await superPeers(net, ['one'], { limits: { pushBytes: 150_000, frameMs: 600_000 } })) as [TestPeer];
  const raw = await rawNode('slow');
  const slow = await following(raw, one);
  const step = { timeoutMs: 60_000 };
  expect(await slow.receive(step)).toMatchObject({ t: 'root' });
  const { peer: quick } = await leaf(net, 'quick', [one]);
  const writer = new LogWriter('long-winded');
  for (let turn = 0; turn < 64; turn += 1) {
    const record = writer.writeBytes('essay', large);
    await one.publishes(record);
    await quick.holds(record);
  }
  let got = 0;
  for (;;) {
    const frame = await slow.receive(step);
    if (frame?.t === 'behind') break;
    if (frame?.t !== 'records') throw new Error(`got ${frame?.t ?? 'the end'} after ${got} records`);
    got += frame.records.length;
  }
  expect(got).toBeLessThan(64);
  await stopLibp2p(raw);
});

test('a leaf that reads nothing loses its stream', async () => {
  await using net = network();
  const [one] = (await superPeers(net, ['one'], { limits: { frameMs: 2000, pushBytes: 16_000_000 } })) as [TestPeer];
  const raw = await rawNode('frozen');
  const frozen = await following(raw, one);
  expect(await frozen.receive({ timeoutMs: 60_000 })).toMatchObject({ t: 'root' });
  const gone = new Promise<void>((resolve) => frozen.onGone(resolve));
  const writer = new LogWriter('long-winded');
  for (let turn = 0; turn < 64; turn += 1) await one.publishes(writer.writeBytes('essay', large));
  await gone;
  await stopLibp2p(raw);
});

test('a super-peer that pushes what is not sound is not listened to, what came before it stays, and it is held against it', async () => {
  await using net = network();
  const raw = await rawNode('liar', ['/ip4/127.0.0.1/tcp/0']);
  const writer = new LogWriter('honest');
  const [first, second, third] = [1, 2, 3].map(() => writer.writeBytes('note', note)) as [VerifiedRecord, VerifiedRecord, VerifiedRecord];
  const forged = { ...toFrame(second), signature: second.signature.map((byte) => byte ^ 1) };
  const broken = new Promise<void>((resolve) => {
    void raw.handle(protocols.push, async (stream) => {
      const channel = new Channel(stream, { schema: PushFrame });
      channel.onGone(resolve);
      await channel.receive({ timeoutMs: 20_000 });
      await channel.send({ t: 'records', records: [toFrame(first), forged, toFrame(third)] }, { timeoutMs: 20_000 });
    });
  });
  const peer = await net.peer('leaf', { role: 'leaf', supers: [String(raw.getMultiaddrs()[0])] });
  await broken;
  await peer.holds(first);
  await peer.observes(raw.peerId.toString(), 'corrupt');
  expect((await peer.logs.size()).records).toBe(1);
  await stopLibp2p(raw);
});
