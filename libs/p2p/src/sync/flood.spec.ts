import { expect, test } from '@jest/globals';
import { protocols, type FrameRecord } from '@souk/contracts';
import { encodeCbor, IntroductionBudget, MemoryLogStore, type Introduction, type VerifiedRecord } from '@souk/domain';
import { author, LogWriter, network, type Author, type TestPeer } from '@souk/testing';
import { Gossip } from '../gossip/gossip.ts';
import { fullPeerLimits } from '../node/peer-limits.ts';
import { Turns } from '../node/turns.ts';
import { ChargedIntake } from './charged-intake.ts';
import { frameCost, toFrame } from './frame-record.ts';
import { RecordIntake } from './record-intake.ts';

const day = 86_400_000;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const perDay = { logs: 10, names: 10, bytes: 200_000 };

/** Validly signed logs that nobody asked for, one record each. */
function flood(name: string, logs: number): VerifiedRecord[] {
  return Array.from({ length: logs }, (_, at) => new LogWriter(`${name}/${at}`).writeBytes('note', Uint8Array.of(0xa0)));
}

const heldOf = async (peer: TestPeer, records: readonly VerifiedRecord[]): Promise<number> => (await Promise.all(records.map((one) => peer.logs.head(one.key)))).filter((head) => head !== undefined).length;

async function synced(peer: TestPeer, from: TestPeer): Promise<void> {
  await peer.node.dial(from.node.multiaddrs()[0] as string);
  await peer.node.syncWith(from.id);
}

test('a flood of signed logs by sync: without a budget all of it is stored; with one a day\'s worth, what honest peers bring is whole, and the rest comes as time goes by', async () => {
  await using net = network();
  const junk = flood('flood', 60);
  const ada = author('ada');
  const attacker = await net.peer('attacker');
  await attacker.logs.append(junk);
  const careless = await net.peer('careless');
  await synced(careless, attacker);
  expect(await heldOf(careless, junk)).toBe(60);
  await net.stop(careless);

  let now = 0;
  const deferred: string[] = [];
  const victim = await net.peer('victim', { introductions: { perDay, now: () => now, deferred: (peer) => void deferred.push(peer) } });
  const honest = await net.peer('honest', { admit: (id) => id !== attacker.id });
  await honest.logs.append(ada.records);
  await synced(victim, attacker);
  expect(await heldOf(victim, junk)).toBe(10);
  expect((await victim.node.syncWith(attacker.id)).stopped).toContainEqual({ key: expect.any(String), code: 'RATE_LIMITED' });
  expect(await heldOf(victim, junk)).toBe(10);
  await synced(victim, honest);
  await victim.holds(...ada.records);
  expect(victim.lines.filter((line) => line.message.includes('more than its budget'))).toHaveLength(1);
  expect(new Set(deferred)).toEqual(new Set([attacker.id]));
  expect(await victim.observations.since(0, 10)).toEqual([]);
  now = day / 2;
  await victim.node.syncWith(attacker.id);
  expect(await heldOf(victim, junk)).toBe(15);
});

/** Records of logs whose beginnings nobody is told: they can't be kept. */
function floodWithGaps(name: string, logs: number): VerifiedRecord[] {
  return Array.from({ length: logs }, (_, at) => {
    const writer = new LogWriter(`${name}/${at}`);
    writer.writeBytes('note', Uint8Array.of(0xa0));
    return writer.writeBytes('note', Uint8Array.of(0xa0));
  });
}

test('a flood by gossip is neither stored nor passed on beyond the budget; without one it is both', async () => {
  const outcome = async (introductions?: { perDay: typeof perDay }): Promise<number[]> => {
    await using net = network();
    const attacker = await net.peer('attacker');
    const victim = await net.peer('victim', { ...(introductions ? { introductions } : {}), join: [attacker] });
    const behind = await net.peer('behind', { join: [victim], admit: (id) => id === victim.id });
    await victim.linkedTo(attacker, behind);
    const [junk, known] = [flood('gossip', 40), author('known')];
    await attacker.publishes(...known.records);
    await behind.holds(...known.records);
    await attacker.publishes(...junk);
    // Behind the flood, by the same way: once it is there, the flood has been judged.
    const last = known.releases('last', '1.0.0');
    await attacker.publishes(last);
    await behind.holds(last);
    return [await heldOf(victim, junk), await heldOf(behind, junk)];
  };
  expect(await outcome()).toEqual([40, 40]);
  const [stored = 40, passedOn = 40] = await outcome({ perDay });
  expect(stored).toBe(8);
  expect(passedOn).toBeLessThanOrEqual(8);
});

test('records with a gap before them are passed on within the budget only, a log charged once', async () => {
  const passedOn = async (records: readonly VerifiedRecord[], budget?: IntroductionBudget): Promise<number> => {
    const logs = new MemoryLogStore({ now: () => 0 });
    const intake = new ChargedIntake({ logs, intake: new RecordIntake({ logs }, { records: () => undefined, forks: () => undefined }), budget, now: () => 0, log: quiet, deferred: () => undefined });
    let paid = 0;
    for (const record of records) if (await intake.from('attacker').pay(record)) paid += 1;
    return paid;
  };
  const junk = floodWithGaps('gaps', 40);
  expect(await passedOn(junk)).toBe(40);
  expect(await passedOn(junk, new IntroductionBudget(perDay))).toBe(10);
  const long = new LogWriter('long');
  for (let at = 0; at < 30; at += 1) long.writeBytes('note', Uint8Array.of(0xa0));
  expect(await passedOn(long.records.toReversed(), new IntroductionBudget(perDay))).toBe(30);
  expect(await passedOn(long.records, new IntroductionBudget({ ...perDay, bytes: 20 * frameCost(long.records[1] as VerifiedRecord) }))).toBeLessThan(22);
});

test('names and bytes are limited too: many packages of one log, and one log that grows without end', async () => {
  await using net = network();
  const squatter: Author = author('squatter');
  for (let at = 0; at < 30; at += 1) squatter.releases(`name-${at}`, '1.0.0');
  const endless = new LogWriter('endless');
  const body = new Uint8Array(60_000).fill(7);
  body.set([0x59, 0xea, 0x5d]);
  for (let at = 0; at < 10; at += 1) endless.writeBytes('essay', body);
  const attacker = await net.peer('attacker');
  const victim = await net.peer('victim', { introductions: { perDay } });
  await attacker.logs.append([...squatter.records]);
  await synced(victim, attacker);
  expect(await victim.logs.head(squatter.device.key)).toBeUndefined();
  expect(await victim.logs.head(squatter.root.key)).toBeDefined();
  await attacker.logs.append(endless.records);
  await victim.node.syncWith(attacker.id);
  expect(await victim.logs.head(endless.key)).toBeUndefined();
});

/** An intake that charges a budget, and what it charged so far. */
function chargedIntake(budget: IntroductionBudget): { readonly intake: ChargedIntake; readonly logs: MemoryLogStore; spent(): Introduction } {
  const logs = new MemoryLogStore({ now: () => 0 });
  const costs: Introduction[] = [];
  const charge = budget.charge.bind(budget);
  budget.charge = (peer, cost, now) => charge(peer, cost, now) && costs.push(cost) > 0;
  const intake = new ChargedIntake({ logs, intake: new RecordIntake({ logs }, { records: () => undefined, forks: () => undefined }), budget, now: () => 0, log: quiet, deferred: () => undefined });
  const sum = (what: keyof Introduction): number => costs.reduce((all, cost) => all + cost[what], 0);
  return { intake, logs, spent: () => ({ logs: sum('logs'), names: sum('names'), bytes: sum('bytes') }) };
}

test('what comes by gossip and by sync at once is charged once: a log, a name and the bytes', async () => {
  const { intake, spent } = chargedIntake(new IntroductionBudget({ ...perDay, logs: 100, names: 100 }));
  const ada = author('ada');
  const release = ada.releases('kit', '1.0.0');
  for (const record of ada.records) {
    // What comes twice is parsed twice.
    await Promise.all([intake.from('a').pay({ ...record }), intake.from('b').take([{ ...record }]), intake.from('c').pay({ ...record })]);
  }
  expect(release).toBe(ada.records.at(-1));
  expect(spent()).toEqual({ logs: 2, names: 1, bytes: ada.records.reduce((sum, record) => sum + frameCost(record), 0) });
});

test('who pays for a header alone has not paid for the body', async () => {
  const { intake } = chargedIntake(new IntroductionBudget({ ...perDay, bytes: 30_000 }));
  const body = new Uint8Array(60_000).fill(7);
  body.set([0x59, 0xea, 0x5d]);
  const whole = new LogWriter('long-winded').writeBytes('essay', body);
  const { body: _left, ...header } = whole;
  expect(await intake.from('a').pay(header as VerifiedRecord)).toBe(true);
  expect((await intake.from('a').take([whole])).refused.get(whole.key)).toMatchObject({ code: 'RATE_LIMITED' });
});

test('of a peer that has nothing left, what it gossips is not even verified', async () => {
  const { intake, logs } = chargedIntake(new IntroductionBudget({ ...perDay, logs: 1 }));
  const blamed: string[] = [];
  const pubsub = { topicValidators: new Map(), subscribe: () => undefined };
  new Gossip({ pubsub: pubsub as never, logs, intake, limits: fullPeerLimits, log: quiet, turns: new Turns(), ask: () => undefined, blame: (peer) => blamed.push(peer) }).start();
  const [first, forged] = flood('spent', 2).map((record) => toFrame(record)) as [FrameRecord, FrameRecord];
  const hears = (peer: string, record: FrameRecord): unknown => pubsub.topicValidators.get(protocols.headsTopic)(peer, { data: encodeCbor({ t: 'record', record }) });
  await hears('spent', first);
  for (const peer of ['spent', 'other']) await hears(peer, { ...forged, signature: new Uint8Array(64) });
  expect(blamed).toEqual(['other']);
});
