import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { KeptSummary, SummaryStore } from '@souk/domain';
import { inFolder } from '@souk/testing/conformance';
import { joinSummaryStore, openSummaryStore, summaryFile } from './index.ts';

const kept = (name: string, arrival: number, text = `{"name":"${name}"}`): KeptSummary => ({ name, arrival, nth: 0, text });
const filled = async (store: SummaryStore, count: number): Promise<void> => {
  await store.advance({ before: undefined, after: 'all', put: Array.from({ length: count }, (_, index) => kept(`package-${index}`, index + 1)), again: [] });
};

/** Changes one byte of a file, where a text is. */
async function spoil(path: string, text: string): Promise<void> {
  const at = (await readFile(path)).indexOf(text);
  expect(at).toBeGreaterThan(0);
  const file = await open(path, 'r+');
  await file.write('X', at + text.length - 1);
  await file.close();
}

test('summaries are there after the next start, and a thread reads and takes steps beside its opener', async () => {
  await inFolder(async (folder) => {
    const store = await openSummaryStore(folder);
    const joined = await joinSummaryStore(folder);
    await store.advance({ before: undefined, after: 'one', put: [kept('a', 1)], again: [] });
    expect(await joined.advance({ before: 'one', after: 'two', put: [kept('b', 2)], again: [] })).toBe(true);
    expect(await store.advance({ before: 'one', after: 'other', put: [kept('c', 2)], again: [] })).toBe(false);
    await joined.close();
    await store.close();
    const again = await openSummaryStore(folder);
    expect([await again.mark(), await again.from(0, 0, 10)]).toEqual(['two', [kept('a', 1), kept('b', 2)]]);
    await again.close();
  });
});

test('a letter that the disk changed is noticed when the summary is read', async () => {
  await inFolder(async (folder) => {
    const store = await openSummaryStore(folder);
    await filled(store, 3);
    await store.close();
    await spoil(join(folder, summaryFile), '{"name":"package-1');
    const again = await openSummaryStore(folder);
    await expect(again.from(0, 0, 10)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT', hint: expect.stringContaining('made anew') });
    await again.clear();
    expect([await again.mark(), await again.from(0, 0, 10)]).toEqual([undefined, []]);
    await again.close();
  });
});

test('a file that is no database any more is thrown away when it is opened', async () => {
  await inFolder(async (folder) => {
    await (await openSummaryStore(folder)).close();
    await writeFile(join(folder, summaryFile), 'not a database, but long enough to look like one'.repeat(100));
    const store = await openSummaryStore(folder);
    expect(await store.mark()).toBeUndefined();
    await store.close();
  });
});

test('a damaged database is put away by clearing: empty until it is opened again, and sound then', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, summaryFile);
    const store = await openSummaryStore(folder);
    await filled(store, 500);
    await store.close();
    // All pages but the first, which opening looks at.
    const { size } = await stat(path);
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(size - 8192, 0x5a), 0, size - 8192, 8192);
    await file.close();
    const damaged = await openSummaryStore(folder);
    await expect(damaged.from(0, 0, 1000)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
    await damaged.clear();
    expect([await damaged.mark(), await damaged.from(0, 0, 10), await damaged.advance({ before: undefined, after: 'one', put: [kept('a', 1)], again: [] })]).toEqual([undefined, [], false]);
    await damaged.close();
    const sound = await openSummaryStore(folder);
    expect(await sound.advance({ before: undefined, after: 'one', put: [kept('a', 1)], again: [] })).toBe(true);
    await sound.close();
  });
});

test('what is told otherwise, as after a takedown, leaves nothing of what was told on the disk', async () => {
  await inFolder(async (folder) => {
    const store = await openSummaryStore(folder);
    await store.advance({ before: undefined, after: 'one', put: [kept('a', 1, '{"description":"secret-of-somebody"}'), kept('b', 2)], again: [] });
    await store.advance({ before: 'one', after: 'two', put: [], again: [{ name: 'a' }] });
    for (const end of ['', '-wal']) expect((await readFile(join(folder, summaryFile + end))).includes('secret-of-somebody')).toBe(false);
    await store.close();
  });
});
