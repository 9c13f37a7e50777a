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
jest.setTimeout(300_000 + rounds * 240_000);

/** Nothing ends here because it is late: what nobody reads stays where it is, and somebody else is not given up on a slow machine. */
const patient = { frameMs: 600_000 };
const patientLookups = { answerMs: 600_000 };
/** By how much a flood may make its victim grow, in MiB. */
const mostGrowth = 64;
/** How often others are served before the flood, for a p99 to compare with. */
const timesBefore = 30;
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
  /** Whether somebody else was not served any more. */
  readonly gaveUp: boolean;
}

/** Floods a super-peer, while somebody else is served by it. */
async function flooded<T>(settings: PeerSettings, attack: (victim: PeerProcess, blob: BlobFacts) => Promise<T>, warmUp = 1): Promise<Flooded<T>> {
  await using world = peerProcesses();
  await using net = network();
  const victim = await world.peer({ role: 'super', isDurable: true, ...settings, limits: { ...patient, ...settings.limits }, lookupLimits: { ...patientLookups, ...settings.lookupLimits } });
  const [small] = await victim.ask('keeps', { names: ['small'], bytes: 1000 });
  const [large] = await victim.ask('keeps', { names: ['large'], bytes: 4_000_000 });
  await victim.ask('indexes', { leases: 1, pairs: 2 });
  const others = await Somebody.at(victim, small as BlobFacts, net);
  await others.warms(large as BlobFacts, warmUp);
  const quiet = p99(await others.times(timesBefore));
  const before = await victim.ask('held', undefined);
  await victim.ask('peak', undefined);
  const rss = await victim.ask('peak', undefined);
  const { answer, ...served } = await others.during(() => attack(victim, large as BlobFacts));
  const growth = (await victim.ask('peak', undefined)) - rss;
  const held = (await victim.ask('held', undefined)) - before;
  measures.note(`${settings.name}: growth`, growth, 'MiB');
  measures.note(`${settings.name}: growth of what is in use`, held, 'MiB');
  measures.note(`${settings.name}: p99 of others, times what it was before`, p99(served) / quiet, 'x');
  measures.note(`${settings.name}: others served meanwhile`, served.ms.length, 'times');
  measures.note(`${settings.name}: others had to ask again`, served.failures, 'times');
  return { growth, held, answer, gaveUp: served.gaveUp };
}

/** An attacker of so many peers, for one test. */
async function attackers(peers = 1): Promise<AskedProcess<AttackerHost>> {
  const attacker = new AskedProcess<AttackerHost>(new URL('./attacker-host.ts', import.meta.url));
  await attacker.ask('start', { name: 'flood', peers });
  return attacker;
}

test('one peer that opens connections and streams without end, asks on each and reads nothing, gets a few of them; without the limit it has many times as many', async () => {
  const wanted = { connections: 30, streams: 10 };
  for (let round = 0; round < rounds; round += 1) {
    await using attacker = await attackers();
    const flood = async (victim: PeerProcess, { cid }: BlobFacts): Promise<void> => attacker.ask('streams', { address: victim.address, cid, ...wanted });
    const held = (most: number): Promise<{ connections: number; streams: number }> => until({ what: `at most ${most} connections`, read: () => attacker.ask('open', undefined), isDone: (open) => open.connections <= most });
    const kept = await flooded({ name: 'streams' }, async (victim, blob) => flood(victim, blob).then(() => held(4)), warmUps);
    expect(kept.growth).toBeLessThanOrEqual(mostGrowth);
    expect(kept.gaveUp).toBe(false);
    const lost = await flooded({ name: 'streams, unlimited', limits: { connectionsPerPeer: 100_000, connectsAtOnce: 100_000, blobStreams: 100_000 } }, async (victim, blob) => flood(victim, blob).then(() => held(wanted.connections)), warmUps);
    expect(lost.answer.connections).toBeGreaterThan(5 * 4);
  }
});

test('one peer that brings one lease after the other is told to stop; without the quota each of them is worked on', async () => {
  const wanted = { leases: 20, cids: 10_000 };
  const bring = async (settings: PeerSettings): Promise<Flooded<{ taken: number; refused: Readonly<Record<string, number>> }>> => {
    await using attacker = await attackers();
    return await flooded(settings, (victim) => attacker.ask('leases', { address: victim.address, ...wanted }));
  };
  for (let round = 0; round < rounds; round += 1) {
    const kept = await bring({ name: 'leases', lookupLimits: { leases: { perSecond: 0.001, burst: 5 } } });
    expect(kept.answer).toEqual({ taken: 5, refused: { RATE_LIMITED: 15 } });
    expect(kept.growth).toBeLessThanOrEqual(mostGrowth);
    expect(kept.gaveUp).toBe(false);
    const lost = await bring({ name: 'leases, unlimited', lookupLimits: { leases: { perSecond: 1e6, burst: 1e6 } } });
    expect(lost.answer).toEqual({ taken: wanted.leases, refused: {} });
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
