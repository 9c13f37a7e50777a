import { afterAll, expect, jest, test } from '@jest/globals';
import { setTimeout as after } from 'node:timers/promises';
import { protocols } from '@souk/contracts';
import { seedFrom, type SignedRecord } from '@souk/domain';
import { factsOf, LogWriter, network, seededBytes, type BlobFacts } from '@souk/testing';
import { lengthPrefix, RawPeer, SlowLine, type RawStream } from '@souk/testing/hostile';
import { until } from '../../scenario/until.ts';
import { Measures } from '../measures.ts';
import { peerProcesses, type PeerProcesses } from '../network/peer-processes.ts';
import type { PeerProcess } from '../network/peer-process.ts';
import type { PeerSettings } from '../network/peer-settings.ts';
import { runOptions } from '../run-options.ts';
import { Somebody } from './somebody.ts';

const rounds = runOptions.runs;
jest.setTimeout(120_000 + rounds * 120_000);

const networkKey = seedFrom('network');
const largeBytes = 4_000_000;
/** Between two bytes of who is in no hurry, in milliseconds. */
const dripMs = 100;
const strict = { frameMs: 2000 };
/** Limits that are none. */
const lax = { frameMs: 3_600_000, serveMs: 3_600_000, stallMs: 3_600_000, minRate: 0.001, dhtMs: 500 };

const measures = new Measures();
afterAll(() => measures.report('hostile-slow-peers'));

interface Victim {
  readonly peer: PeerProcess;
  readonly small: BlobFacts;
  readonly large: BlobFacts;
  readonly key: string;
}

/** Records too large for all of them to be on their way at once. */
function longRecords(): SignedRecord[] {
  const writer = new LogWriter('long-winded');
  const body = Uint8Array.of(0x59, 0xea, 0x60, ...new Uint8Array(60_000));
  return Array.from({ length: 16 }, () => writer.writeBytes('essay', body));
}

async function victimOf(world: PeerProcesses, settings: PeerSettings): Promise<Victim> {
  const peer = await world.peer({ role: 'super', ...settings });
  const [small] = await peer.ask('keeps', { names: ['small'], bytes: 1000 });
  const [large] = await peer.ask('keeps', { names: ['large'], bytes: largeBytes });
  await peer.ask('publishes', longRecords());
  await peer.ask('indexes', { leases: 1, pairs: 2 });
  return { peer, small: small as BlobFacts, large: large as BlobFacts, key: new LogWriter('long-winded').key };
}

/** Waits until a peer has ended a stream of each of these protocols because it took too long. */
async function endedLate(peer: PeerProcess, late: readonly string[]): Promise<void> {
  const isDone = (counts: Readonly<Record<string, number>>): boolean => late.every((protocol) => (counts[`${protocol} TIMEOUT`] ?? 0) > 0);
  await until({ what: `streams of ${late.join(', ')} to be ended`, read: () => peer.ask('refused', undefined), isDone });
}

/** Asks for more than fits onto the line, and reads a byte a second. */
async function readSlowly(raw: RawPeer, line: SlowLine, { peer, large, key }: Victim): Promise<void> {
  const link = await raw.connect(`/ip4/127.0.0.1/tcp/${line.port}/p2p/${peer.id}`);
  const [blob, sync] = [await raw.open(link, protocols.blob), await raw.open(link, protocols.sync)];
  line.slow();
  blob.frame({ t: 'get?', cid: large.cid, offset: 0, length: largeBytes });
  for (let times = 0; times < 8; times += 1) sync.frame({ t: 'records?', logs: [{ key, from: 0 }] });
}

const lineTo = (peer: PeerProcess): Promise<SlowLine> => SlowLine.to(Number(peer.address.split('/')[4]));

/** Others are served until it is done. */
async function meanwhile(others: Somebody, what: string, work: () => Promise<void>): Promise<void> {
  const { ms, failures, gaveUp } = await others.during(() => measures.timed(what, work));
  expect(gaveUp).toBe(false);
  measures.note('others served meanwhile', ms.length, 'times');
  measures.note('others had to ask again', failures, 'times');
}

test('who asks for much and reads a byte a second loses its streams, and others are served meanwhile; without the deadline it keeps them', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    await using net = network();
    const [victim, careless] = await Promise.all([victimOf(world, { name: 'strict', limits: strict }), victimOf(world, { name: 'lax', limits: lax })]);
    const others = await Somebody.at(victim.peer, victim.small, net);
    await using slow = await RawPeer.start({ name: 'slow', networkKey });
    await using toVictim = await lineTo(victim.peer);
    await using toCareless = await lineTo(careless.peer);
    await Promise.all([readSlowly(slow, toVictim, victim), readSlowly(slow, toCareless, careless)]);
    await meanwhile(others, 'a slow reader is ended', () => endedLate(victim.peer, [protocols.blob, protocols.sync]));
    expect(await careless.peer.ask('refused', undefined)).toEqual({});
  }
});

/** Begins a frame on a stream of each protocol, and goes on with it for as long as it may. */
async function neverEnd(raw: RawPeer, peer: PeerProcess, all: readonly string[], signal: AbortSignal): Promise<RawStream[]> {
  const link = await raw.connect(peer.address);
  return Promise.all(
    all.map(async (protocol) => {
      const stream = await raw.open(link, protocol);
      stream.send(lengthPrefix(200_000));
      void (async () => {
        while (stream.isOpen && !signal.aborted) {
          stream.send(Uint8Array.of(0x81));
          await after(dripMs, undefined, { signal }).catch(() => undefined);
        }
      })();
      return stream;
    }),
  );
}

test('a frame that never ends costs its stream, whatever the protocol, and others are served meanwhile; without the deadline it goes on', async () => {
  // Those of the network and of questions have deadlines of their own.
  const ours = [protocols.sync, protocols.blob, protocols.push, protocols.lookup];
  const all = [...ours, protocols.network, protocols.query];
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    await using net = network();
    await using raw = await RawPeer.start({ name: 'never done', networkKey });
    const end = new AbortController();
    const [victim, careless] = await Promise.all([victimOf(world, { name: 'strict', limits: strict }), victimOf(world, { name: 'lax', limits: lax })]);
    const others = await Somebody.at(victim.peer, victim.small, net);
    const held = await neverEnd(raw, careless.peer, ours, end.signal);
    const streams = await neverEnd(raw, victim.peer, all, end.signal);
    await meanwhile(others, 'all frames that never end are ended', () => endedLate(victim.peer, all));
    expect(await Promise.all(streams.map((stream) => stream.ended))).toEqual(all.map(() => 'reset'));
    expect(held.map((stream) => stream.isOpen)).toEqual(ours.map(() => true));
    expect(await careless.peer.ask('refused', undefined)).toEqual({});
    end.abort();
  }
});

/** A provider that says it has whatever is asked for, and delivers a byte now and then. */
async function endlessProvider(facts: BlobFacts, signal: AbortSignal): Promise<RawPeer> {
  const raw = await RawPeer.start({ name: 'endless', networkKey });
  await raw.serve(protocols.blob, async (stream) => {
    for (let asked = await stream.next(); asked; asked = await stream.next()) {
      if (asked.t === 'have?') stream.frame({ t: 'have', cids: asked['cids'] });
      else stream.frame({ t: 'size', size: facts.size });
      while (asked.t === 'get?' && stream.isOpen && !signal.aborted) {
        stream.frame({ t: 'bytes', bytes: Uint8Array.of(1) });
        await after(dripMs, undefined, { signal }).catch(() => undefined);
      }
    }
  });
  return raw;
}

test('an answer that never ends is given up for being too slow, and the blob comes from another; without the minimum rate it is waited for', async () => {
  const facts = factsOf(seededBytes('wanted', 50_000));
  for (let round = 0; round < rounds; round += 1) {
    await using world = peerProcesses();
    const end = new AbortController();
    await using raw = await endlessProvider(facts, end.signal);
    const [victim, careless] = await Promise.all([world.peer({ name: 'strict', join: [raw.address], limits: { dhtMs: 500, askMs: 60_000 } }), world.peer({ name: 'lax', join: [raw.address], limits: lax })]);
    await Promise.all([victim, careless].map((peer) => peer.ask('hasLinks', 1)));
    let isOver = false;
    const waiting = careless.ask('fetch', facts).finally(() => (isOver = true));
    waiting.catch(() => undefined);
    await expect(measures.timed('an endless answer is given up', () => victim.ask('fetch', facts))).rejects.toMatchObject({ code: 'NO_PROVIDER', details: { failures: [{ peer: raw.id, outcome: 'timeout' }] } });
    const good = await world.peer({ name: 'good', join: [victim.address] });
    await Promise.all([good.ask('keeps', { names: ['wanted'], bytes: facts.size }), victim.ask('hasLinks', 2)]);
    // On a machine that stands still now and then the good one may be too slow once.
    const fetched = await until({ what: 'the blob to be fetched', read: () => victim.ask('fetch', facts).catch(() => []), isDone: (from) => from.length > 0 });
    expect(fetched).toEqual([good.id]);
    expect(isOver).toBe(false);
    end.abort();
  }
});
