import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LogWriter } from '@souk/testing';
import { inFolder } from '@souk/testing/conformance';
import { joinLogStore, openLogStore } from './index.ts';

function writer(name: string, count: number): LogWriter {
  const log = new LogWriter(name);
  for (let seq = 0; seq < count; seq += 1) log.writeBytes('note', Uint8Array.of(seq));
  return log;
}

test('what one connection appends the other reads, in one order of arrival', async () => {
  await inFolder(async (folder) => {
    const [ada, bob] = [writer('ada', 3), writer('bob', 2)];
    const owner = await openLogStore(folder, { joinable: true });
    await owner.append(ada.records.slice(0, 1));
    const joined = await joinLogStore(folder);
    await joined.append([...ada.records.slice(1), ...bob.records]);
    expect(await owner.head(ada.key)).toMatchObject({ seq: 2 });
    expect((await owner.append(bob.records)).added).toEqual([]);
    expect((await owner.since(0, 10)).map(({ record, arrival }) => [record.key, arrival])).toEqual([[ada.key, 1], [ada.key, 2], [ada.key, 3], [bob.key, 4], [bob.key, 5]]);
    await joined.close();
    await owner.close();
  });
});

test('an append that meets the other connection writing waits for it without holding up its thread', async () => {
  await inFolder(async (folder) => {
    const logs = await openLogStore(folder, { joinable: true });
    const other = new DatabaseSync(join(folder, 'logs.db'));
    other.exec('BEGIN IMMEDIATE');
    const appends = [writer('ada', 2), writer('bob', 1)].map((log) => logs.append(log.records));
    // An append that held up its thread would never let these timers run: the other connection is in this process.
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await logs.size()).toMatchObject({ records: 0 });
    other.exec('COMMIT');
    expect((await Promise.all(appends)).map(({ added }) => added.length)).toEqual([2, 1]);
    other.close();
    await logs.close();
  });
});

test('closing writes what waits for the other connection', async () => {
  await inFolder(async (folder) => {
    const logs = await openLogStore(folder, { joinable: true });
    const other = new DatabaseSync(join(folder, 'logs.db'));
    other.exec('BEGIN IMMEDIATE');
    const append = logs.append(writer('ada', 1).records);
    await new Promise((resolve) => setImmediate(resolve));
    other.exec('COMMIT');
    await logs.close();
    expect((await append).added).toHaveLength(1);
    other.close();
  });
});

test('a database that is not there is not joined', async () => {
  await inFolder(async (folder) => {
    await expect(joinLogStore(folder)).rejects.toMatchObject({ code: 'STORAGE_VERSION' });
  });
});

test('a record that was read before is not given once its body is erased, or its row is changed', async () => {
  await inFolder(async (folder) => {
    const ada = writer('ada', 2);
    const logs = await openLogStore(folder, { joinable: true });
    await logs.append(ada.records);
    const [first] = await logs.read(ada.key, 0, 1);
    expect((await logs.since(0, 1))[0]?.record).toBe(first?.record);
    await logs.eraseBody(ada.key, 0);
    expect((await logs.since(0, 1))[0]?.record.body).toBeUndefined();
    expect((await logs.read(ada.key, 0, 1))[0]?.record.body).toBeUndefined();
    await logs.read(ada.key, 1, 1);
    const other = new DatabaseSync(join(folder, 'logs.db'));
    other.exec("UPDATE body SET bytes = x'09' WHERE arrival = 2");
    await expect(logs.read(ada.key, 1, 1)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
    other.close();
    await logs.close();
  });
});
