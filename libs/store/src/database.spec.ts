import { expect, test } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inFolder } from '@souk/testing/conformance';
import { openDatabase } from './database.ts';

const first = 'CREATE TABLE note (text TEXT NOT NULL) STRICT';
const second = "ALTER TABLE note ADD COLUMN author TEXT NOT NULL DEFAULT 'unknown'";

function open(path: string, migrations: readonly string[]): ReturnType<typeof openDatabase> {
  return openDatabase(path, { holds: 'notes', migrations, durability: 'full' });
}

test('an older database is brought to the newest version and keeps its rows', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'notes.db');
    const old = open(path, [first]);
    old.exec("INSERT INTO note VALUES ('hello')");
    old.close();
    const db = open(path, [first, second]);
    expect(db.prepare('SELECT text, author FROM note').get()).toMatchObject({ text: 'hello', author: 'unknown' });
    expect(db.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 2 });
    db.close();
  });
});

test('a database of a newer Souk is left alone: STORAGE_VERSION names both versions, the folder and what to do', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'notes.db');
    open(path, [first, second]).close();
    let failure;
    try {
      open(path, [first]);
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({ code: 'STORAGE_VERSION', details: { path, version: 2, understood: 1 }, hint: expect.stringContaining('newer Souk') });
    open(path, [first, second]).close();
  });
});

test('a step that fails leaves the older version untouched', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'notes.db');
    open(path, [first]).close();
    expect(() => open(path, [first, second, 'CREATE TABLE note (again TEXT)'])).toThrow('already exists');
    const db = open(path, [first]);
    expect(db.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 1 });
    db.close();
  });
});

test('a database has one owner at a time', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'notes.db');
    const owner = open(path, [first]);
    expect(() => open(path, [first])).toThrow(expect.objectContaining({ code: 'STORAGE_LOCKED' }));
    owner.close();
    open(path, [first]).close();
  });
});

test('a file in place of the folder, or a folder in place of the file, is STORAGE_DENIED', async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'notes.db'));
    expect(() => open(join(folder, 'file', 'notes.db'), [first])).toThrow(expect.objectContaining({ code: 'STORAGE_DENIED' }));
    expect(() => open(join(folder, 'notes.db'), [first])).toThrow(expect.objectContaining({ code: 'STORAGE_DENIED' }));
  });
});
