import { afterAll, expect, jest, test } from '@jest/globals';
import { superIndexLimits, type VerifiedRecord } from '@souk/domain';
import { LogWriter, network, type BlobFacts } from '@souk/testing';
import { AskedProcess } from '@souk/testing/processes';
import { until } from '../../scenario/until.ts';
import { Measures } from '../measures.ts';
import { peerProcesses } from '../network/peer-processes.ts';
import type { PeerProcess } from '../network/peer-process.ts';
import type { PeerSettings } from '../network/peer-settings.ts';
import { runOptions } from '../run-options.ts';
import type { AttackerHost } from './attacker-host.ts';
import { p99, Somebody } from './somebody.ts';

const rounds = runOptions.runs;
jest.setTimeout(300_000 + rounds * 900_000);

/** Nothing ends here because it is late: what nobody reads stays where it is, and somebody else is not given up on a slow machine. */
const patient = { frameMs: 600_000 };
const patientLookups = { answerMs: 600_000 };
/** By how much a flood may make its victim grow, in MiB. */
const mostGrowth = 64;
/** How often others are served before the flood, and at least while it goes on: of fewer a p99 is one of the longest. */
const times = 300;
/**
 * How much longer others may wait at p99: twice as long, or so many milliseconds, which is more where they hardly wait at all. A process that stands still now and then
 * is no flood's doing, so the comparison is made up to so many times.
 */
const [mostFactor, mostMore, mostTries] = [2, 25, 3];
/** How often a blob of 4 MB is served before it: a process that has served nothing yet grows by the first that it serves. */
const warmUps = 12;

const measures = new Measures();
afterAll(() => measures.report('hostile-floods'));

/** How a flood went. */
interface Flooded<T> {
  /** By how much the victim's resident memory grew at most, and by how much what it has in use, in MiB. */
  readonly growth: number;
  readonly held: number;
  /** What the attack answered. */
  readonly answer: T;
  /** Whether somebody else was not served any more, or waited longer than may be. */
  readonly gaveUp: boolean;
  readonly isHurt: boolean;
}

/** What a flood does until it is told to end. */
type Attack<T> = (victim: PeerProcess, blob: BlobFacts, end: AbortSignal) => Promise<T>;

/** Floods a super-peer, while somebody else is served by it: until that was `enough` times, or the attack is over. */
async function flooded<T>(settings: PeerSettings, attack: Attack<T>, enough = Infinity): Promise<Flooded<T>> {
  await using world = peerProcesses();
  await using net = network();
  const victim = await world.peer({ role: 'super', isDurable: true, ...settings, limits: { ...patient, ...settings.limits }, lookupLimits: { ...patientLookups, ...settings.lookupLimits } });
  const [small] = await victim.ask('keeps', { names: ['small'], bytes: 1000 });
  const [large] = await victim.ask('keeps', { names: ['large'], bytes: 4_000_000 });
  await victim.ask('indexes', { leases: 1, pairs: 2 });
  const others = await Somebody.at(victim, small as BlobFacts, net);
  await others.warms(large as BlobFacts, warmUps);
  const quiet = p99(await others.times(times));
  const before = await victim.ask('held', undefined);
  await victim.ask('peak', undefined);
  const rss = await victim.ask('peak', undefined);
  const { answer, ...served } = await others.during((end) => attack(victim, large as BlobFacts, end), enough);
  const growth = (await victim.ask('peak', undefined)) - rss;
  const held = (await victim.ask('held', undefined)) - before;
  // Behind those the attack is being ended.
  const busy = p99({ ...served, ms: served.ms.slice(0, enough) });
  measures.note(`${settings.name}: growth`, growth, 'MiB');
  measures.note(`${settings.name}: growth of what is in use`, held, 'MiB');
  measures.note(`${settings.name}: p99 of others before`, quiet);
  measures.note(`${settings.name}: p99 of others meanwhile`, busy);
  measures.note(`${settings.name}: others served meanwhile`, served.ms.length, 'times');
  measures.note(`${settings.name}: others had to ask again`, served.failures, 'times');
  return { growth, held, answer, gaveUp: served.gaveUp, isHurt: busy > Math.max(mostFactor * quiet, quiet + mostMore) };
}

/** A flood by one peer that hurts nobody: in one of a few tries, see above. */
async function harmless<T>(flood: () => Promise<Flooded<T>>): Promise<Flooded<T>> {
  for (let tries = 1; ; tries += 1) {
    const kept = await flood();
    expect(kept.growth).toBeLessThanOrEqual(mostGrowth);
    expect(kept.held).toBeLessThanOrEqual(mostGrowth);
    expect(kept.gaveUp).toBe(false);
    if (kept.isHurt && tries < mostTries) continue;
    expect(kept.isHurt).toBe(false);
    return kept;
  }
}

/** An attacker of so many peers, for one test; the signal brings what it does to its end. */
async function attackers(peers = 1): Promise<AskedProcess<AttackerHost>> {
  const attacker = new AskedProcess<AttackerHost>(new URL('./attacker-host.ts', import.meta.url));
  await attacker.ask('start', { name: 'flood', peers });
  return attacker;
}

const endedBy = (attacker: AskedProcess<AttackerHost>, end: AbortSignal): void => end.addEventListener('abort', () => void attacker.ask('end', undefined).catch(() => undefined));

test('one peer that opens connections and streams without end, asks on each and reads nothing, gets a few of them and harms nobody; without the limits memory grows with each', async () => {
  const unlimited = { connectionsPerPeer: 100_000, connectsAtOnce: 100_000, blobStreams: 100_000 };
  const open = async (settings: PeerSettings, connections: number, enough?: number): Promise<Flooded<void>> => {
    await using attacker = await attackers();
    const attack: Attack<void> = async (victim, { cid }, end) => {
      endedBy(attacker, end);
      await attacker.ask('streams', { address: victim.address, cid, connections, streams: 10 });
      if (connections < Infinity) return;
      await until({ what: 'what is too many to be closed', read: () => attacker.ask('open', undefined), isDone: (held) => held.connections <= 4 && held.streams <= 10 });
    };
    return await flooded(settings, attack, enough);
  };
  for (let round = 0; round < rounds; round += 1) {
    await harmless(() => open({ name: 'streams' }, Infinity, times));
    const lost = await open({ name: 'streams, unlimited', limits: unlimited }, 60);
    expect(lost.held).toBeGreaterThan(mostGrowth);
  }
});

test('one peer that brings one lease after the other is told to stop and harms nobody; without the quota each of them is worked on', async () => {
  const bring = async (settings: PeerSettings, leases: number, enough?: number): Promise<Flooded<{ taken: number; refused: Readonly<Record<string, number>> }>> => {
    await using attacker = await attackers();
    const attack: Attack<{ taken: number; refused: Readonly<Record<string, number>> }> = (victim, _blob, end) => {
      endedBy(attacker, end);
      return attacker.ask('leases', { address: victim.address, leases, cids: 10_000 });
    };
    return await flooded(settings, attack, enough);
  };
  for (let round = 0; round < rounds; round += 1) {
    const kept = await harmless(() => bring({ name: 'leases', lookupLimits: { leases: { perSecond: 0.001, burst: 5 } } }, Infinity, times));
    expect(kept.answer).toEqual({ taken: 5, refused: { RATE_LIMITED: expect.any(Number) } });
    const lost = await bring({ name: 'leases, unlimited', lookupLimits: { leases: { perSecond: 1e6, burst: 1e6 }, told: { perSecond: 1e9, burst: 1e9 } } }, 20);
    expect(lost.answer).toEqual({ taken: 20, refused: {} });
  }
});

test('a host of many peers gets a few of their leases into the index; without the limit it grows with each of them', async () => {
  const wanted = { peers: 12, leases: 1, cids: 10_000 };
  // All of loopback is one owner here, and somebody else is of it too.
  const oneOwner = { sharedRanges: ['192.0.2.0/24'] };
  const bring = async (settings: PeerSettings): Promise<Flooded<number>> => {
    await using attacker = await attackers(wanted.peers);
    return await flooded({ ...settings, ...oneOwner }, async (victim) => {
      await attacker.ask('leases', { address: victim.address, ...wanted });
      return (await victim.ask('state', undefined)).index?.pairs ?? 0;
    });
  };
  for (let round = 0; round < rounds; round += 1) {
    const kept = await bring({ name: 'identities', indexLimits: { ...superIndexLimits, leasesPerGroup: 4 } });
    expect(kept.answer).toBeLessThanOrEqual(2 + 4 * wanted.cids);
    expect(kept.growth).toBeLessThanOrEqual(mostGrowth);
    expect(kept.gaveUp).toBe(false);
    const lost = await bring({ name: 'identities, unlimited', indexLimits: { ...superIndexLimits, leasesPerGroup: 1e6 } });
    expect(lost.answer).toBe(2 + wanted.peers * wanted.cids);
  }
});

/** Logs of one record each that nobody has asked for. */
function junk(name: string, logs: number): VerifiedRecord[] {
  return Array.from({ length: logs }, (_, at) => new LogWriter(`${name}/${at}`).writeBytes('note', Uint8Array.of(0xa0)));
}

test('one peer that brings logs without end has a day of it taken, and what others bring is whole; without the budget all of it is stored', async () => {
  const records = junk('flood', 1000);
  const perDay = { logs: 200, names: 200, bytes: 1_000_000 };
  const bring = (settings: PeerSettings, most: number): Promise<Flooded<number>> =>
    flooded(settings, async (victim) => {
      await using world = peerProcesses();
      await using net = network();
      const attacker = await world.peer({ name: 'flood', join: [victim.address], reconcileMs: 500 });
      await attacker.ask('publishes', records);
      await until({ what: 'the flood to be taken as far as it may be', read: () => victim.ask('records', undefined), isDone: (held) => held >= most, deadlineMs: 300_000 });
      const honest = await net.peer('honest', { join: [victim.address], admit: (id) => id === victim.id });
      const [own] = junk('honest', 1);
      await honest.hasLinks(1);
      await honest.publishes(own as VerifiedRecord);
      await victim.ask('holds', [own as VerifiedRecord]);
      return victim.ask('records', undefined);
    });
  for (let round = 0; round < rounds; round += 1) {
    const kept = await bring({ name: 'logs', perDay }, perDay.logs / 2);
    // A budget is filled up again as time goes by.
    expect(kept.answer).toBeLessThanOrEqual(1.1 * perDay.logs);
    expect(kept.growth).toBeLessThanOrEqual(mostGrowth);
    expect(kept.gaveUp).toBe(false);
    const lost = await bring({ name: 'logs, unlimited' }, 3 * perDay.logs);
    expect(lost.answer).toBeGreaterThan(3 * perDay.logs);
  }
});
