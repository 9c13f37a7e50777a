import { expect, jest, test } from '@jest/globals';
import { protocols } from '@souk/contracts';
import { seedFrom, type Cid } from '@souk/domain';
import { LogWriter, network, type TestNetwork, type TestPeer } from '@souk/testing';
import { RawPeer, type RawStream } from '@souk/testing/hostile';
import { seededRandom } from '@souk/testing/trouble';
import { peerProcesses } from '../network/peer-processes.ts';
import type { PeerProcess } from '../network/peer-process.ts';
import { runOptions } from '../run-options.ts';
import { gossipProtocol, wrongGossip, wrongStreams, type WrongStream } from './wrong-frames.ts';

const rounds = runOptions.runs;
jest.setTimeout(120_000 + rounds * 60_000);

const networkKey = seedFrom('network');
/** Nothing ends here because it is late. */
const limits = { frameMs: 600_000, dialMs: 60_000, serveMs: 3_600_000 };

type Link = Awaited<ReturnType<RawPeer['connect']>>;
/** A stream that keeps to its protocol, what is asked on it again and again, and by what that is answered. */
type Steady = readonly [stream: RawStream, ask: unknown, answers: readonly string[]];

async function steadyStreams(raw: RawPeer, link: Link, cid: Cid): Promise<Steady[]> {
  const sync = await raw.open(link, protocols.sync);
  expect(await sync.ask({ t: 'hello', root: '0'.repeat(64) })).toMatchObject({ t: 'differs' });
  return [
    [sync, { t: 'nodes?', at: [''] }, ['nodes']],
    [await raw.open(link, protocols.blob), { t: 'get?', cid, offset: 0, length: 100 }, ['size', 'bytes']],
    [await raw.open(link, protocols.lookup), { t: 'find?', cids: [cid] }, ['found']],
    [await raw.open(link, protocols.query), { t: 'packages?', names: ['kit'] }, ['records']],
  ];
}

/** Every one of them goes on. */
async function goOn(steady: readonly Steady[]): Promise<void> {
  for (const [stream, ask, answers] of steady) {
    stream.frame(ask);
    for (const answer of answers) expect((await stream.next())?.t).toBe(answer);
  }
}

/** Opens a stream, lets it go wrong, and answers how it ended. */
async function goWrong(raw: RawPeer, link: Link, { protocol, bytes, frames = [], isCut }: WrongStream): Promise<'closed' | 'reset'> {
  const stream = await raw.open(link, protocol);
  if (bytes) stream.send(bytes);
  for (const [at, frame] of frames.entries()) {
    if (at === frames.length - 1) stream.frame(frame);
    else expect(await stream.ask(frame)).toBeDefined();
  }
  if (isCut) await stream.end();
  return stream.ended;
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values.map((value) => ({ value, at: random() })).toSorted((one, other) => one.at - other.at).map(({ value }) => value);
}

/** A super-peer in a process of its own that holds a blob and a record, and a raw peer with one link to it. */
async function scene(world: ReturnType<typeof peerProcesses>): Promise<{ victim: PeerProcess; raw: RawPeer; link: Link; steady: Steady[] }> {
  const victim = await world.peer({ name: 'victim', role: 'super', limits });
  const [facts] = await victim.ask('keeps', { names: ['blob'], bytes: 100 });
  await victim.ask('publishes', [new LogWriter('first').writeBytes('note', Uint8Array.of(0xa0))]);
  const raw = await RawPeer.start({ name: 'raw', networkKey });
  const link = await raw.connect(victim.address);
  return { victim, raw, link, steady: await steadyStreams(raw, link, facts?.cid as Cid) };
}

test('a wrong frame costs its stream, by a typed error, and nothing else: the other streams of the connection go on, whatever the protocol', async () => {
  await using world = peerProcesses();
  const { victim, raw, link, steady } = await scene(world);
  await using _end = raw;
  for (let round = 0; round < rounds; round += 1) {
    for (const wrong of shuffled(wrongStreams(), seededRandom(runOptions.seed + round))) {
      const name = `${wrong.protocol} ${wrong.code}`;
      const before = (await victim.ask('refused', undefined))[name] ?? 0;
      const ended = await goWrong(raw, link, wrong);
      expect([wrong.protocol, wrong.what, ended, (await victim.ask('refused', undefined))[name]]).toEqual([wrong.protocol, wrong.what, 'reset', before + 1]);
      await goOn(steady);
    }
  }
  const kinds = new Set(wrongStreams().map(({ protocol, code }) => `${protocol} ${code}`));
  expect(Object.keys(await victim.ask('refused', undefined)).toSorted()).toEqual([...kinds].toSorted());
  expect(link.status).toBe('open');
});

/** Two peers that know nobody but the victim, so that what one gossips comes to the other by it; `heard` counts what does. */
async function gossipers(net: TestNetwork, victim: PeerProcess): Promise<{ one: TestPeer; other: TestPeer; heard: () => number }> {
  let heard = 0;
  const options = { join: [victim.address], admit: (id: string) => id === victim.id, reconcileMs: 1000 };
  const one = await net.peer('one', options);
  const other = await net.peer('other', { ...options, tap: { received: (topic: string) => void (heard += topic === protocols.headsTopic ? 1 : 0) } });
  await Promise.all([one.hasLinks(1), other.hasLinks(1)]);
  return { one, other, heard: () => heard };
}

test('what is no gossip is not passed on and ends nothing but its stream: others are gossiped with, and the other streams of the connection go on', async () => {
  await using world = peerProcesses();
  await using net = network();
  const { victim, raw, link, steady } = await scene(world);
  await using _end = raw;
  const { one, other, heard } = await gossipers(net, victim);
  let records = 0;
  const publish = async (): Promise<void> => {
    const record = new LogWriter(`gossiped ${(records += 1)}`).writeBytes('note', Uint8Array.of(0xa0));
    await one.publishes(record);
    await Promise.all([victim.ask('holds', [record]), other.holds(record)]);
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const [, bytes] of shuffled(wrongGossip, seededRandom(runOptions.seed + round))) {
      const stream = await raw.open(link, gossipProtocol);
      stream.send(bytes);
      await goOn(steady);
      await publish();
      stream.abort();
    }
  }
  // What sync brought would be there as well: gossip itself goes on.
  for (const before = heard(); heard() === before; ) await publish();
  expect(link.status).toBe('open');
  expect((await victim.ask('state', undefined)).links).toContain(raw.id);
  expect((await other.logs.size()).records).toBe(1 + records);
});
