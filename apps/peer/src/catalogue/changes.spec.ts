import { expect, test } from '@jest/globals';
import { MemoryLogStore } from '@souk/domain';
import { author, epoch } from '@souk/testing';
import type { Changes } from './change-page.ts';
import { changesAfter } from './changes.ts';

const store = (): MemoryLogStore => new MemoryLogStore({ now: () => epoch });

async function everything(logs: MemoryLogStore, limit: number, after = 0): Promise<Changes[]> {
  const pages: Changes[] = [];
  for (let cursor = after, caughtUp = false; !caughtUp; ) {
    const page = await changesAfter(logs, cursor, limit);
    pages.push(page);
    ({ next: cursor, caughtUp } = page);
  }
  return pages;
}

const namesIn = (pages: readonly Changes[]): string[] => [...new Set(pages.flatMap((page) => page.packages.map((one) => one.name)))].sort();

test('tells each package once, as it is now', async () => {
  const logs = store();
  const ada = author('ada');
  ada.releases('mitt', '1.0.0', { description: 'old' });
  ada.releases('mitt', '1.1.0', { description: 'new', keywords: ['events'] });
  ada.releases('ms', '2.0.0');
  await logs.append([...ada.records]);
  const [page, ...more] = await everything(logs, 100);
  expect(more).toEqual([]);
  expect(page?.packages).toEqual([
    { name: 'mitt', version: '1.1.0', kind: 'package', description: 'new', keywords: ['events'], publisher: ada.id, updatedAt: new Date(epoch).toISOString(), versions: 2, stars: 0, downloads: 0 },
    expect.objectContaining({ name: 'ms', version: '2.0.0' }),
  ]);
  expect(page?.next).toBe((await logs.size()).arrival);
});

test('goes on from where it stopped, and says when nothing is new', async () => {
  const logs = store();
  const ada = author('ada');
  for (const name of ['a', 'b', 'c', 'd', 'e']) ada.releases(name, '1.0.0');
  await logs.append([...ada.records]);
  const pages = await everything(logs, 2);
  expect(pages.map((page) => page.packages.length)).toEqual([2, 2, 1]);
  expect(namesIn(pages)).toEqual(['a', 'b', 'c', 'd', 'e']);
  const { arrival } = await logs.size();
  expect(await everything(logs, 2, arrival)).toEqual([{ packages: [], gone: [], next: arrival, caughtUp: true }]);
});

test('a page never outgrows one message', async () => {
  const logs = store();
  const ada = author('ada');
  for (let index = 0; index < 500; index++) ada.releases(`p${index}`, '1.0.0', { description: 'x'.repeat(1999), keywords: Array.from({ length: 20 }, (_, word) => `${word}`.repeat(60)) });
  await logs.append([...ada.records]);
  const pages = await everything(logs, 500);
  expect(pages.length).toBeGreaterThan(1);
  for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(1_000_000);
  expect(namesIn(pages)).toHaveLength(500);
});

test('a device log that arrives before its delegation is told once the delegation is there', async () => {
  const logs = store();
  const ada = author('ada');
  for (const name of ['a', 'b', 'c']) ada.releases(name, '1.0.0');
  await logs.append([...ada.device.records]);
  const before = await everything(logs, 2);
  expect(namesIn(before)).toEqual([]);
  expect(before.flatMap((page) => page.gone)).toEqual(['a', 'b', 'c']);
  const { arrival } = await logs.size();
  await logs.append([...ada.root.records]);
  expect(namesIn(await everything(logs, 2, arrival))).toEqual(['a', 'b', 'c']);
});

test('a revocation of a key with many packages comes in pages', async () => {
  const logs = store();
  const ada = author('ada');
  for (let index = 0; index < 7; index++) ada.releases(`p${index}`, '1.0.0');
  await logs.append([...ada.records]);
  const { arrival } = await logs.size();
  ada.root.clock = ada.device.clock;
  await logs.append([ada.root.write('revoke', { key: ada.device.key, lastSeq: -1, lastHash: null })]);
  const pages = await everything(logs, 3, arrival);
  expect(pages.map((page) => page.gone.length)).toEqual([3, 3, 1]);
  expect(new Set(pages.flatMap((page) => page.gone)).size).toBe(7);
  expect(pages.at(-1)?.next).toBe(arrival + 1);
});

test('a package whose every version is yanked is gone until one is taken back', async () => {
  const logs = store();
  const ada = author('ada');
  ada.releases('mitt', '1.0.0');
  ada.device.write('retract', { name: 'mitt', version: '1.0.0', how: 'yank', reason: 'broken' });
  await logs.append([...ada.records]);
  const { arrival } = await logs.size();
  expect((await everything(logs, 10))[0]).toMatchObject({ packages: [], gone: ['mitt'] });
  await logs.append([ada.device.write('retract', { name: 'mitt', version: '1.0.0', how: 'undo', reason: '' })]);
  expect(namesIn(await everything(logs, 10, arrival))).toEqual(['mitt']);
});

test('what arrives while a page is made is told by the next one', async () => {
  const logs = store();
  const ada = author('ada');
  const release = ada.releases('mitt', '1.0.0');
  await logs.append([...ada.records]);
  const revoke = ada.root.write('revoke', { key: ada.device.key, lastSeq: -1, lastHash: null });
  const about = logs.about.bind(logs);
  logs.about = async (subject, arrival, limit) => {
    const records = await about(subject, arrival, limit);
    if (records.some((one) => one.record.hash === release.hash)) await logs.append([revoke]);
    return records;
  };
  const page = await changesAfter(logs, 0, 10);
  expect(page).toMatchObject({ next: 4, caughtUp: true });
  expect(await changesAfter(logs, page.next, 10)).toMatchObject({ packages: [], gone: ['mitt'], next: 5 });
});

test('a package of many records is told at its newest one, folded once, and all the same when the body of that one is erased', async () => {
  const logs = store();
  const ada = author('ada');
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) for (const name of ['kit', 'mitt']) ada.releases(name, version);
  await logs.append([...ada.records]);
  let folds = 0;
  const about = logs.about.bind(logs);
  logs.about = async (subject, arrival, limit) => {
    if (subject.startsWith('package:')) folds += 1;
    return about(subject, arrival, limit);
  };
  const { arrival } = await logs.size();
  // One record at a time, as a reader with small pages sees it.
  const told: string[] = [];
  for (let cursor = 0; cursor < arrival; ) {
    const page = await changesAfter(logs, cursor, 1);
    told.push(...page.packages.map((one) => `${one.name}@${one.version} by ${page.next}`));
    cursor = page.next;
  }
  expect(told).toEqual([`kit@1.2.0 by ${arrival - 1}`, `mitt@1.2.0 by ${arrival}`]);
  expect(folds).toBe(2);
  await logs.eraseBody(ada.device.key, ada.device.records.length - 1);
  expect(await changesAfter(logs, arrival - 1, 1)).toMatchObject({ packages: [{ name: 'mitt', version: '1.1.0' }], next: arrival });
});
