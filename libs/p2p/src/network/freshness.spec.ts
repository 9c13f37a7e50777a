import { expect, test } from '@jest/globals';
import { MemoryLogStore, type VerifiedRecord } from '@souk/domain';
import { author, network, until, type TestNetwork, type TestPeer } from '@souk/testing';
import type { FreshnessOptions } from './freshness-watch.ts';

const hour = 3_600_000;
const start = 1_767_225_600_000;

/** A clock that stands until it is moved. */
class Clock {
  ms = start;
  readonly now = (): number => this.ms;
}

/** The logs of a super-peer that takes nothing in any more: who asks it sees what there was. */
class FrozenLogs extends MemoryLogStore {
  isFrozen = false;

  override append(records: readonly VerifiedRecord[]): ReturnType<MemoryLogStore['append']> {
    return super.append(this.isFrozen ? [] : records);
  }
}

interface Scene {
  readonly clock: Clock;
  readonly supers: readonly TestPeer[];
  readonly frozen: FrozenLogs;
  leaf(name: string, supers: readonly TestPeer[]): Promise<TestPeer>;
}

/** Super-peers of a charter, the first of which can be frozen. */
async function scene(net: TestNetwork, count: number): Promise<Scene> {
  const clock = new Clock();
  const named: string[] = [];
  const freshness: FreshnessOptions = { superPeers: () => named, now: clock.now, everyMs: hour, staleMs: 24 * hour, graceMs: hour };
  const frozen = new FrozenLogs({ now: clock.now });
  const supers: TestPeer[] = [];
  for (let at = 0; at < count; at += 1) supers.push(await net.peer(`super-${at}`, { role: 'super', freshness, logs: at === 0 ? frozen : new MemoryLogStore({ now: clock.now }) }));
  named.push(...supers.map((one) => one.id));
  const leaf = (name: string, known: readonly TestPeer[]): Promise<TestPeer> => net.peer(name, { role: 'leaf', supers: known, freshness, logs: new MemoryLogStore({ now: clock.now }) });
  return { clock, supers, frozen, leaf };
}

/** Has a peer ask its super-peers, and answers whether what it holds is stale. */
async function isStale(peer: TestPeer): Promise<boolean | undefined> {
  await peer.node.checkFreshness();
  return peer.node.freshness()?.isStale;
}

test('what two super-peers of the charter signed and a leaf holds makes it fresh, as long as they go on signing and it goes on asking', async () => {
  await using net = network();
  const { clock, supers, leaf } = await scene(net, 2);
  const ada = author('ada');
  for (const one of supers) await one.publishes(...ada.records);
  const one = await leaf('leaf', supers);
  await Promise.all([one.hasSupers(2), one.holds(...ada.records)]);
  expect(await isStale(one)).toBe(false);
  expect(one.node.freshness()).toMatchObject({ needed: 2, attested: [{ at: start }, { at: start }] });
  clock.ms += 24 * hour + 1;
  expect(one.node.freshness()).toMatchObject({ isStale: true, since: start + 24 * hour });
  expect(await isStale(one)).toBe(false);
});

test('a super-peer that withholds what is newer freezes nobody unnoticed: who has another one names it, who has no other one says that it is stale', async () => {
  await using net = network();
  const { clock, supers, frozen, leaf } = await scene(net, 2);
  const [liar, honest] = supers as [TestPeer, TestPeer];
  const [ada, eve] = [author('ada'), author('eve')];
  for (const one of supers) await one.publishes(...ada.records);
  const [both, alone] = [await leaf('both', supers), await leaf('alone', [liar])];
  await Promise.all([both.hasSupers(2), alone.hasSupers(1), both.holds(...ada.records), alone.holds(...ada.records)]);
  expect(await isStale(both)).toBe(false);
  frozen.isFrozen = true;
  await honest.publishes(...eve.records);
  await both.node.syncWith(honest.id);
  await both.holds(...eve.records);
  clock.ms += 25 * hour;
  expect(await isStale(both)).toBe(false);
  await both.judges(liar, 'frozen');
  expect(both.verdicts.some((one) => one.peer === honest.id && one.verdict === 'frozen')).toBe(false);
  expect(await isStale(alone)).toBe(true);
  expect(alone.node.freshness()).toMatchObject({ needed: 2, attested: [{ peer: liar.id }] });
});

test('a leaf that does not hold all that a super-peer signed takes it from there, and is fresh when it does', async () => {
  await using net = network();
  const { supers, leaf } = await scene(net, 1);
  const [only] = supers as [TestPeer];
  const one = await leaf('leaf', supers);
  await one.hasSupers(1);
  const ada = author('ada');
  await only.logs.append([...ada.records]);
  await only.node.announceRecords([]);
  expect(await isStale(one)).toBe(false);
  await until(() => one.node.freshness()?.isStale === false, one.changes);
});

test('where there is no charter, and at a peer that does not watch, nothing is said of freshness', async () => {
  await using net = network();
  const superPeer = await net.peer('super', { role: 'super' });
  const watching = await net.peer('watching', { role: 'leaf', supers: [superPeer], freshness: { superPeers: () => [] } });
  const other = await net.peer('other', { role: 'leaf', supers: [superPeer] });
  await Promise.all([watching.hasSupers(1), other.hasSupers(1)]);
  await watching.node.checkFreshness();
  expect([watching.node.freshness(), other.node.freshness()]).toEqual([undefined, undefined]);
});
