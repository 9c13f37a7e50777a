import { expect, test } from '@jest/globals';
import { DatabaseSync } from 'node:sqlite';
import { GroupCommit, type Commit } from './group-commit.ts';

function notes(): { db: DatabaseSync; commits: Commit[]; group: GroupCommit; add: (text: string) => void; kept: () => unknown[] } {
  const db = new DatabaseSync(':memory:');
  // A deferred constraint lets a job pass and the commit fail.
  db.exec('CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE note (text TEXT UNIQUE NOT NULL, parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)');
  const commits: Commit[] = [];
  const group = new GroupCommit(db, { store: 'notes', maxWeight: 3, onCommit: (commit) => commits.push(commit) });
  const insert = db.prepare('INSERT INTO note (text) VALUES (?)');
  return { db, commits, group, add: (text) => insert.run(text), kept: () => db.prepare('SELECT text FROM note ORDER BY rowid').all().map((row) => row['text']) };
}

test('a job that throws undoes its own writes only', async () => {
  const { group, add, kept, commits } = notes();
  const outcomes = await Promise.allSettled([
    group.run(() => add('one')),
    group.run(() => {
      add('half');
      throw new TypeError('a bug');
    }),
    group.run(() => add('two')),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(outcomes[1]).toMatchObject({ reason: expect.any(TypeError) });
  expect(kept()).toEqual(['one', 'two']);
  expect(commits).toEqual([{ jobs: 3 }]);
});

test('when the commit fails nobody was told that it worked, and the next one works', async () => {
  const { db, group, add, kept, commits } = notes();
  const outcomes = await Promise.allSettled([group.run(() => add('one')), group.run(() => db.exec("INSERT INTO note VALUES ('orphan', 7)"))]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(kept()).toEqual([]);
  await group.run(() => add('later'));
  expect(kept()).toEqual(['later']);
  expect(commits).toEqual([{ jobs: 1 }]);
});

test('groups have a weight; a heavier job runs alone', async () => {
  const { group, add, commits } = notes();
  await Promise.all([group.run(() => add('a'), 2), group.run(() => add('b'), 2), group.run(() => add('c'), 1), group.run(() => add('d'), 100), group.run(() => add('e'), 1)]);
  expect(commits).toEqual([{ jobs: 1 }, { jobs: 2 }, { jobs: 1 }, { jobs: 1 }]);
});

test('closing commits what waits and takes no more', async () => {
  const { group, add, kept } = notes();
  const waiting = group.run(() => add('one'));
  group.close();
  expect(kept()).toEqual(['one']);
  await waiting;
  await expect(group.run(() => add('two'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('what changes nothing is no commit', async () => {
  const { group, commits } = notes();
  expect(await group.run(() => 'read only')).toBe('read only');
  expect(commits).toEqual([]);
});
