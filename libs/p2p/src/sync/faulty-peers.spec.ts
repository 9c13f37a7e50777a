import { setTimeout as after } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { protocols } from '@souk/contracts';
import { encodeCbor, seedFrom, type VerifiedRecord } from '@souk/domain';
import { author, LogWriter, network, type TestNetwork, type TestPeer } from '@souk/testing';
import { simulatedNetwork, type SimulatedNetwork } from '@souk/testing/simulated';
import { encodeUvarint } from '../frame/uvarint.ts';
import { createLibp2pNode, type FullLibp2p } from '../node/create-libp2p-node.ts';
import { fullPeerLimits, patientLimits } from '../node/peer-limits.ts';
import { stopLibp2p } from '../node/stop-libp2p.ts';

const patient = { ...fullPeerLimits, ...patientLimits(20) };

const note = Uint8Array.of(0xa0);

/** A libp2p node of the same network with nothing but what a test adds. */
async function rawNode(name: string): Promise<FullLibp2p & AsyncDisposable> {
  const raw = await createLibp2pNode({ seed: seedFrom(name), networkKey: seedFrom('network'), listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], limits: patient, isLeaf: true, rank: () => 0.5, admit: () => true });
  await raw.start();
  return Object.assign(raw, { [Symbol.asyncDispose]: () => stopLibp2p(raw) });
}

function logOf(name: string, length: number): VerifiedRecord[] {
  const writer = new LogWriter(name);
  return Array.from({ length }, () => writer.writeBytes('note', note));
}

/** Syncs until those records are held: on a slow machine an exchange may take longer than these tests allow. */
async function brings(asking: TestPeer, from: TestPeer, records: readonly VerifiedRecord[]): Promise<void> {
  const last = records.at(-1) as VerifiedRecord;
  while ((await asking.logs.head(last.key))?.seq !== last.fields.seq) await asking.node.syncWith(from.id).catch(() => after(20));
}

function peerOf(net: TestNetwork, sim: SimulatedNetwork, name: string, options: Parameters<TestNetwork['peer']>[1] = {}): Promise<TestPeer> {
  return net.peer(name, { wrapTransport: sim.transportOf(name), ...options });
}

test('a peer that freezes costs whoever asks it one time-out: others are synced with meanwhile, and it too when it thaws', async () => {
  const sim = simulatedNetwork({ seed: 1 });
  await using net = network({ limits: { frameMs: 500, dialMs: 500 } });
  const [frozen, sound] = [await peerOf(net, sim, 'frozen'), await peerOf(net, sim, 'sound')];
  const asking = await peerOf(net, sim, 'asking', { join: [frozen, sound] });
  await asking.linkedTo(frozen, sound);
  sim.partition(['frozen'], ['sound', 'asking']);
  const [kept, lost] = [logOf('kept', 300), logOf('lost', 300)];
  await sound.logs.append(kept);
  await frozen.logs.append(lost);
  const late = asking.node.syncWith(frozen.id);
  late.catch(() => undefined);
  await brings(asking, sound, kept);
  await expect(late).rejects.toMatchObject({ code: expect.stringMatching(/^(TIMEOUT|PEER_UNREACHABLE)$/) });
  sim.heal();
  await asking.node.dial(frozen.node.multiaddrs()[0] as string);
  await brings(asking, frozen, lost);
});

test('an answer that never ends is given up, holds nothing up, and keeps nothing from being synced with others', async () => {
  await using net = network({ reconcileMs: 300 });
  await using raw = await rawNode('endless');
  const drips: AbortController[] = [];
  const asked = Promise.withResolvers<void>();
  await raw.handle(protocols.sync, async (stream: Stream) => {
    const end = new AbortController();
    drips.push(end);
    stream.addEventListener('close', () => end.abort());
    stream.send(encodeUvarint(200_000));
    asked.resolve();
    while (!end.signal.aborted) {
      stream.send(Uint8Array.of(0x81));
      await after(10, undefined, { signal: end.signal }).catch(() => undefined);
    }
  });
  const victim = await net.peer('victim', { limits: { frameMs: 600 } });
  const id = await victim.node.dial(String(raw.getMultiaddrs()[0]));
  await asked.promise;
  const records = logOf('sound', 50);
  const sound = await net.peer('sound', { join: [victim] });
  await sound.linkedTo(victim);
  await sound.publishes(...records);
  await victim.holds(...records);
  await expect(victim.node.syncWith(id)).rejects.toMatchObject({ code: expect.stringMatching(/^(TIMEOUT|PEER_UNREACHABLE)$/) });
  for (const end of drips) end.abort();
});

test('a peer that asks for much and reads nothing loses its stream, and others are served meanwhile', async () => {
  await using net = network({ reconcileMs: 300 });
  const holder = await net.peer('holder', { limits: { frameMs: 600 } });
  const writer = new LogWriter('long-winded');
  const body = new Uint8Array(60_003);
  body.set([0x59, 0xea, 0x60]);
  const records = Array.from({ length: 8 }, () => writer.writeBytes('essay', body));
  await holder.logs.append(records);
  await using raw = await rawNode('greedy');
  const stream = await raw.dialProtocol(multiaddr(holder.node.multiaddrs()[0] as string), protocols.sync);
  const gone = new Promise<string>((resolve) => stream.addEventListener('close', () => resolve(stream.status)));
  stream.pause();
  const ask = encodeCbor({ t: 'records?', logs: [{ key: writer.key, from: 0 }] });
  for (let times = 0; times < 40; times += 1) stream.send(Buffer.concat([encodeUvarint(ask.length), ask]));
  const reader = await net.peer('reader', { join: [holder] });
  await reader.holds(...records);
  expect(await gone).toBe('reset');
});

test('a network that is cut in two, super-peers and leaves on both sides, has one root again after it is healed', async () => {
  const sim = simulatedNetwork({ seed: 5 });
  await using net = network({ reconcileMs: 300, limits: { frameMs: 1000, dialMs: 1000 } });
  const one = await peerOf(net, sim, 'one', { role: 'super' });
  const two = await peerOf(net, sim, 'two', { role: 'super' });
  for (const superPeer of [one, two]) superPeer.node.setSupers([one, two].flatMap((peer) => peer.node.multiaddrs()));
  await Promise.all([one.hasSupers(1), two.hasSupers(1)]);
  const left = await peerOf(net, sim, 'left', { role: 'leaf', supers: [one] });
  const right = await peerOf(net, sim, 'right', { role: 'leaf', supers: [two] });
  await Promise.all([left.hasSupers(1), right.hasSupers(1)]);
  const [ada, bob] = [author('ada'), author('bob')];
  await left.publishes(...ada.records);
  await net.converged();
  sim.partition(['one', 'left'], ['two', 'right']);
  for (let patch = 0; patch < 5; patch += 1) {
    await left.publishes(ada.releases('left-pad', `1.0.${patch}`));
    await right.publishes(...(patch === 0 ? bob.records : []), bob.releases('right-pad', `1.0.${patch}`));
  }
  await Promise.all([net.converged(one, left), net.converged(two, right)]);
  expect(await left.node.headRoot()).not.toBe(await right.node.headRoot());
  sim.heal();
  await net.converged();
  for (const peer of [one, two, left, right]) expect((await peer.logs.size()).records).toBe(ada.records.length + bob.records.length);
});
