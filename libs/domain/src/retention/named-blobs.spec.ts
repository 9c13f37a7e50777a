import { expect, test } from '@jest/globals';
import { Catalogue, MemoryBlobLedger, MemoryLogStore, namedBlob, NamedBlobs, namedSpan, pinRule, type Cid, type NamedSpan, type VerifiedRecord } from '../index.ts';
import { author } from '@souk/testing/builders';

const cidOf = (record: VerifiedRecord): Cid => namedBlob(record)?.cid as Cid;
const pace = async (): Promise<void> => undefined;

function scene(pin: readonly string[] = [], logs = new MemoryLogStore({ now: () => 1 }), ledger = new MemoryBlobLedger()) {
  const open = (patterns = pin) => new NamedBlobs({ logs, ledger, rule: pinRule(patterns, new Catalogue(logs)), pace });
  const keeping = async (record: VerifiedRecord): Promise<string | undefined> => {
    await ledger.put(cidOf(record), 1, 1);
    return (await ledger.get(cidOf(record)))?.keeping;
  };
  return { logs, ledger, open, keeping, names: open() };
}

test('releases of keys that write here are published here, those of others are known', async () => {
  const [ada, bob] = [author('ada'), author('bob')];
  const [own, other] = [ada.releases('a', '1.0.0'), bob.releases('b', '1.0.0')];
  const { logs, names, keeping } = scene();
  await names.writes([ada.device.key, ada.root.key]);
  await logs.append([...ada.records, ...bob.records]);
  await names.catchUp();
  expect([await keeping(own), await keeping(other)]).toEqual(['pinned', 'cached']);
  expect(await logs.writers()).toEqual([ada.device.key, ada.root.key]);
});

test('records are taken over as they are told, also out of order and twice', async () => {
  const ada = author('ada');
  const { logs, names, keeping, ledger } = scene();
  const first = (await logs.append(ada.records)).added;
  const releases = [ada.releases('a', '1.0.0'), ada.releases('a', '1.0.1')];
  const second = (await logs.append(ada.device.records)).added;
  await names.told(second);
  await names.told(first);
  await names.told(second);
  await names.told([]);
  for (const one of releases) expect(await keeping(one)).toBe('cached');
  expect(await ledger.mark()).toMatchObject({ arrival: (await logs.size()).arrival });
});

test('what another thread read of its appends is taken over without reading it again, but for what came before', async () => {
  const ada = author('ada');
  const { logs, names, keeping, ledger } = scene();
  await names.writes([ada.device.key]);
  const first = (await logs.append(ada.records)).added;
  const early = ada.releases('a', '1.0.0');
  await logs.append([early]);
  const late = ada.releases('a', '1.0.1');
  const third = (await logs.append([late])).added;
  const spanOf = (added: typeof first): NamedSpan => namedSpan(added) as NamedSpan;
  const read: number[] = [];
  const since = logs.since.bind(logs);
  logs.since = (arrival, limit) => (read.push(arrival), since(arrival, limit));
  await names.toldSpan(spanOf(first));
  expect(read).toEqual([]);
  await names.toldSpan(spanOf(third));
  expect(read).toEqual([first.at(-1)?.arrival]);
  await names.toldSpan(spanOf(third));
  expect(read).toHaveLength(1);
  expect([await keeping(early), await keeping(late)]).toEqual(['pinned', 'pinned']);
  expect(await ledger.mark()).toMatchObject({ arrival: (await logs.size()).arrival, hash: spanOf(third).hash });
  expect(namedSpan([])).toBeUndefined();
});

test('who writes here for the first time has what it published elsewhere pinned too', async () => {
  const ada = author('ada');
  const old = ada.releases('a', '1.0.0');
  const { logs, names, keeping, open } = scene();
  await logs.append(ada.records);
  await names.catchUp();
  expect(await keeping(old)).toBe('cached');
  await names.writes([ada.device.key]);
  expect(await keeping(old)).toBe('pinned');
  const next = ada.releases('a', '1.1.0');
  await open().told((await logs.append([next])).added);
  expect(await keeping(next)).toBe('pinned');
});

test('a writer that a crash left noted, but not looked at, is looked at after the restart', async () => {
  const ada = author('ada');
  const old = ada.releases('a', '1.0.0');
  const { logs, names, keeping, open } = scene();
  await logs.append(ada.records);
  await names.catchUp();
  await logs.addWriters([ada.device.key]);
  await open().catchUp();
  expect(await keeping(old)).toBe('pinned');
});

test('a restart goes on from the mark; another rule or other logs begin anew', async () => {
  const ada = author('ada');
  const release = ada.releases('a', '1.0.0');
  const { logs, names, keeping, open, ledger } = scene();
  await logs.append(ada.records);
  await names.catchUp();
  await ledger.name([{ cid: cidOf(release), as: 'policy' }]);
  await open().catchUp();
  expect(await keeping(release)).toBe('pinned');
  await open(['unrelated']).catchUp();
  expect(await keeping(release)).toBe('cached');
  const bob = author('bob');
  const others = scene([], undefined, ledger);
  await others.logs.append([...bob.records, bob.releases('b', '1.0.0')]);
  await others.names.catchUp();
  expect(await keeping(release)).toBe('unnamed');
});

test('a ledger that was lost is made anew with the same pins', async () => {
  const [ada, bob] = [author('ada'), author('bob')];
  const releases = [...['1.0.0', '1.0.1'].map((version) => ada.releases('a', version)), bob.releases('b', '1.0.0')];
  const { logs, names } = scene();
  await names.writes([ada.device.key]);
  for (const record of [...ada.records, ...bob.records]) await names.told((await logs.append([record])).added);
  const anew = scene([], logs);
  await anew.names.catchUp();
  expect(await Promise.all(releases.map(anew.keeping))).toEqual(['pinned', 'pinned', 'cached']);
});

test('many records are taken over page by page, and others get a turn between', async () => {
  const ada = author('ada');
  for (let patch = 0; patch < 450; patch += 1) ada.releases('a', `1.0.${patch}`);
  let turns = 0;
  const [logs, ledger] = [new MemoryLogStore({ now: () => 1 }), new MemoryBlobLedger()];
  await logs.append(ada.records);
  await logs.addWriters([ada.device.key]);
  await new NamedBlobs({ logs, ledger, rule: pinRule([], new Catalogue(logs)), pace: async () => void (turns += 1) }).catchUp();
  expect(await ledger.published(undefined, 1000)).toHaveLength(450);
  expect(turns).toBeGreaterThanOrEqual(2);
});
