import { expect, test } from '@jest/globals';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { LogStore, VerifiedRecord } from '@souk/domain';
import { author, LogWriter } from '@souk/testing';
import { chain, codeOf, forked, inFolder } from '@souk/testing/conformance';
import { openDatabase } from './database.ts';
import type { Commit } from './group-commit.ts';
import { logMigrations } from './log-tables.ts';
import { openLogStore, SqliteLogStore } from './sqlite-log-store.ts';

async function snapshot(logs: LogStore): Promise<unknown> {
  const heads = await logs.heads(undefined, 100);
  return { heads, size: await logs.size(), since: await logs.since(0, 1000), forks: await logs.forks(100), subjects: await logs.subjects('', undefined, 100) };
}

async function holds(folder: string, bytes: Uint8Array): Promise<boolean> {
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
  return files.some((file) => file.includes(Buffer.from(bytes)));
}

test('everything is there after closing and opening again', async () => {
  await inFolder(async (folder) => {
    const ada = author('ada');
    ada.releases('x', '1.0.0');
    const first = await openLogStore(folder, { now: () => 5000 });
    await first.append(ada.records);
    await first.append(chain('bob', 3));
    await first.append([forked('bob').b1]);
    await first.eraseBody(ada.device.key, 1);
    const before = await snapshot(first);
    await first.close();
    const second = await openLogStore(folder);
    expect(await snapshot(second)).toEqual(before);
    expect((await second.since(0, 1))[0]?.firstSeen).toBe(5000);
    const [next] = (await second.append([ada.releases('x', '1.0.1')])).added;
    expect(next?.arrival).toBe(8);
    await second.close();
  });
});

test('appends of one tick share one transaction', async () => {
  await inFolder(async (folder) => {
    const commits: Commit[] = [];
    const logs = await openLogStore(folder, { onCommit: (commit) => commits.push(commit) });
    const names = Array.from({ length: 50 }, (_, index) => `writer ${index}`);
    await Promise.all(names.map((name) => logs.append(chain(name, 2).slice(0, 2))));
    expect(commits).toEqual([{ jobs: 50 }]);
    await logs.append(chain('alone', 1));
    expect(commits).toEqual([{ jobs: 50 }, { jobs: 1 }]);
    await logs.append(chain('alone', 1));
    expect(commits).toHaveLength(2);
    await logs.close();
  });
});

test('many records at once are split into transactions that do not hold up the event loop for long', async () => {
  await inFolder(async (folder) => {
    const commits: Commit[] = [];
    const logs = await openLogStore(folder, { onCommit: (commit) => commits.push(commit) });
    const writer = new LogWriter('ada');
    for (let seq = 0; seq < 600; seq += 1) writer.writeBytes('note', Uint8Array.of(1));
    const appends: Promise<unknown>[] = [];
    for (let at = 0; at < 600; at += 100) appends.push(logs.append(writer.records.slice(at, at + 100)));
    await Promise.all(appends);
    expect(commits).toEqual([{ jobs: 2 }, { jobs: 2 }, { jobs: 2 }]);
    await logs.close();
  });
});

test('a commit is flushed to the disk: write-ahead log with synchronous FULL', async () => {
  await inFolder(async (folder) => {
    const db = openDatabase(join(folder, 'logs.db'), { holds: 'logs', migrations: logMigrations, durability: 'full' });
    const pragma = (name: string): unknown => db.prepare(`PRAGMA ${name}`).get();
    expect(pragma('journal_mode')).toMatchObject({ journal_mode: 'wal' });
    expect(pragma('synchronous')).toMatchObject({ synchronous: 2 });
    expect(pragma('foreign_keys')).toMatchObject({ foreign_keys: 1 });
    expect(pragma('busy_timeout')).toMatchObject({ timeout: 5000 });
    db.close();
  });
});

test('an erased body is gone from the files, not only from the answers', async () => {
  await inFolder(async (folder) => {
    const secret = new TextEncoder().encode('a sentence that a court wants gone');
    const writer = new LogWriter('ada');
    const record = writer.writeBytes('note', secret);
    const logs = await openLogStore(folder);
    await logs.append([record]);
    expect(await holds(folder, secret)).toBe(true);
    await logs.eraseBody(record.key, 0);
    expect(await holds(folder, secret)).toBe(false);
    await logs.close();
  });
});

test('a full disk refuses the append, keeps what was there, and goes on when there is room again', async () => {
  await inFolder(async (folder) => {
    const db = openDatabase(join(folder, 'logs.db'), { holds: 'logs', migrations: logMigrations, durability: 'full' });
    const logs = new SqliteLogStore(db, {});
    const writer = new LogWriter('ada');
    await logs.append([writer.writeBytes('note', Uint8Array.of(1))]);
    const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number };
    db.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const big = writer.writeBytes('note', new Uint8Array(60_000));
    const outcomes = await Promise.allSettled([logs.append([big]), logs.append(chain('bob', 1))]);
    expect(outcomes[0]).toMatchObject({ status: 'rejected', reason: { code: 'STORAGE_FULL' } });
    expect(await logs.head(writer.key)).toMatchObject({ seq: 0 });
    db.exec('PRAGMA max_page_count = 1000000');
    expect((await logs.append([big])).added).toHaveLength(1);
    expect((await logs.append(chain('bob', 1).slice(0, 1))).forks).toEqual([]);
    expect(await logs.size()).toMatchObject({ logs: 2, records: 3 });
    await logs.close();
  });
});

async function damage(folder: string, change: (db: DatabaseSync) => void): Promise<LogStore> {
  const logs = await openLogStore(folder);
  await logs.append(chain('ada', 2));
  await logs.close();
  const db = new DatabaseSync(join(folder, 'logs.db'));
  change(db);
  db.close();
  return openLogStore(folder);
}

test.each([
  ['a header that was changed', "UPDATE record SET header = x'a0' WHERE seq = 0"],
  ['a header of another record, its body erased,', 'DELETE FROM body; UPDATE record SET header = (SELECT header FROM record WHERE seq = 1) WHERE seq = 0'],
  ['a body that was changed', "UPDATE body SET bytes = x'820001' WHERE arrival = 2"],
])('%s on the disk is noticed when it is read', async (_what, sql) => {
  await inFolder(async (folder) => {
    const logs = await damage(folder, (db) => db.exec(sql));
    await expect(logs.since(0, 10)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
    await logs.close();
  });
});

test('a file that is no database, or torn pages, is STORAGE_CORRUPT', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'logs.db');
    await writeFile(path, 'this is certainly not a database, only a text file\n'.repeat(100));
    await expect(openLogStore(folder)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
  });
  await inFolder(async (folder) => {
    const path = join(folder, 'logs.db');
    const logs = await openLogStore(folder);
    for (let writer = 0; writer < 50; writer += 1) await logs.append(chain(`writer ${writer}`, 3));
    await logs.close();
    const bytes = await readFile(path);
    bytes.fill(0x5a, 4096 * 2);
    await writeFile(path, bytes);
    const failure = await readAll(folder).catch(codeOf);
    expect(failure).toBe('STORAGE_CORRUPT');
  });
});

async function readAll(folder: string): Promise<readonly VerifiedRecord[]> {
  const logs = await openLogStore(folder);
  try {
    return (await logs.since(0, 1000)).map(({ record }) => record);
  } finally {
    await logs.close();
  }
}
