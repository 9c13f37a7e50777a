import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { isSoukError, SoukError, storeClosed } from '@souk/domain';
import type { KeptSummary, SummaryStep, SummaryStore } from '@souk/domain';
import { joinDatabase, openDatabase, type DatabaseOptions } from './database.ts';
import { makeFolder } from './durable-file.ts';
import { storing, storingSync } from './storage-error.ts';

/** Name of the summaries' database in a data folder. */
export const summaryFile = 'summaries.db';

/** The steps of `openDatabase` for summaries. They lie in the order in which they are told; a step of them moves most to the end. */
export const summaryMigrations: readonly string[] = [
  `
  CREATE TABLE summary (
    arrival INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    name TEXT NOT NULL,
    text TEXT,
    sum INTEGER NOT NULL,
    PRIMARY KEY (arrival, nth, name)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX summary_by_name ON summary (name);
  CREATE TABLE mark (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    text TEXT NOT NULL,
    sum INTEGER NOT NULL
  ) STRICT;
  `,
];

// What is taken down must not be left behind, so deleted summaries are overwritten. 16 MiB between moves into the database, each of which waits for the disk.
const database: DatabaseOptions = { holds: 'summaries of packages', migrations: summaryMigrations, durability: 'normal', access: 'shared', checkpointPages: 4096 };

/**
 * Opens the summaries in `folder`/summaries.db; threads of this process may join, other processes are kept away by the caller. What is
 * damaged, or of a newer Souk, is thrown away, because all of it can be made anew. Throws STORAGE_DENIED, STORAGE_FULL.
 */
export async function openSummaryStore(folder: string): Promise<SummaryStore> {
  await storing(`Creating ${folder}`, () => makeFolder(folder));
  const path = join(folder, summaryFile);
  const open = (): SummaryStore => new SqliteSummaryStore(openDatabase(path, database), path);
  try {
    return open();
  } catch (error) {
    if (!isSoukError(error) || (error.code !== 'STORAGE_CORRUPT' && error.code !== 'STORAGE_VERSION')) throw error;
    remove(path);
    return open();
  }
}

/** The summaries that another thread of this process has opened, for a worker thread. Throws STORAGE_VERSION, STORAGE_CORRUPT, STORAGE_DENIED. */
export async function joinSummaryStore(folder: string): Promise<SummaryStore> {
  const path = join(folder, summaryFile);
  return new SqliteSummaryStore(joinDatabase(path, database), path);
}

/** Summaries in SQLite, without an fsync each: a step is in the database whole or not at all, and one that a power failure takes is taken again. */
class SqliteSummaryStore implements SummaryStore {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #sql: Readonly<Record<'mark' | 'from' | 'at' | 'drop' | 'put' | 'setMark', StatementSync>>;
  #closed = false;
  /** Whether it was put away: then nothing is in it until it is opened again. */
  #isAway = false;

  constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#path = path;
    this.#sql = {
      mark: db.prepare('SELECT text, sum FROM mark'),
      from: db.prepare('SELECT name, arrival, nth, text, sum FROM summary WHERE (arrival, nth) >= (?, ?) ORDER BY arrival, nth, name LIMIT ?'),
      at: db.prepare('SELECT arrival, nth FROM summary WHERE name = ?'),
      drop: db.prepare('DELETE FROM summary WHERE name = ?'),
      put: db.prepare('INSERT INTO summary (arrival, nth, name, text, sum) VALUES (?, ?, ?, ?, ?)'),
      setMark: db.prepare('INSERT INTO mark (id, text, sum) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET text = excluded.text, sum = excluded.sum'),
    };
  }

  async mark(): Promise<string | undefined> {
    return this.#run('Reading the summaries', undefined, () => this.#mark());
  }

  async from(arrival: number, nth: number, limit: number): Promise<readonly KeptSummary[]> {
    return this.#run('Reading the summaries', [], () => this.#sql.from.all(arrival, nth, limit).map(summaryOf));
  }

  async advance(step: SummaryStep): Promise<boolean> {
    return this.#run('Keeping summaries', false, () => {
      const isTaken = this.#transaction(() => this.#advance(step));
      // What was taken down is still in the write-ahead log.
      if (isTaken && step.again.length > 0) this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return isTaken;
    });
  }

  async clear(): Promise<void> {
    try {
      this.#run('Clearing the summaries', undefined, () => this.#transaction(() => (this.#db.exec('DELETE FROM summary; DELETE FROM mark'), true)));
    } catch (error) {
      if (!isSoukError(error) || error.code !== 'STORAGE_CORRUPT') throw error;
      this.#isAway = true;
      remove(this.#path);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    storingSync('Closing the summaries', () => this.#db.close());
  }

  #mark(): string | undefined {
    const row = this.#sql.mark.get() as { text: string; sum: number } | undefined;
    if (row && crc32(row.text) !== row.sum) throw changedOnDisk('mark of the summaries');
    return row?.text;
  }

  #advance({ before, after, put, again }: SummaryStep): boolean {
    if (this.#mark() !== before) return false;
    for (const { name, text } of again) {
      const place = this.#sql.at.get(name) as { arrival: number; nth: number } | undefined;
      if (place) this.#put({ name, arrival: place.arrival, nth: place.nth, ...(text === undefined ? {} : { text }) });
    }
    for (const one of put) this.#put(one);
    this.#sql.setMark.run(after, crc32(after));
    return true;
  }

  #put({ name, arrival, nth, text }: KeptSummary): void {
    this.#sql.drop.run(name);
    this.#sql.put.run(arrival, nth, name, text ?? null, sumOf(name, arrival, nth, text ?? null));
  }

  #transaction(work: () => boolean): boolean {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const done = work();
      this.#db.exec('COMMIT');
      return done;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #run<T>(doing: string, nothing: T, work: () => T): T {
    if (this.#closed) throw storeClosed('summary store');
    return this.#isAway ? nothing : storingSync(doing, work);
  }
}

/** SQLite does not notice when the disk changes a letter, and what is told of a package must be what its records say. */
function sumOf(name: string, arrival: number, nth: number, text: string | null): number {
  return crc32(`${arrival} ${nth} ${name} ${text === null ? '' : `+${text}`}`);
}

function summaryOf(row: Readonly<Record<string, unknown>>): KeptSummary {
  const { name, arrival, nth, text, sum } = row as { name: string; arrival: number; nth: number; text: string | null; sum: number };
  if (sumOf(name, arrival, nth, text) !== sum) throw changedOnDisk(`summary of ${name}`);
  return { name, arrival, nth, ...(text === null ? {} : { text }) };
}

function changedOnDisk(what: string): SoukError {
  return new SoukError('STORAGE_CORRUPT', `The ${what} was changed on the disk.`, { hint: 'Nothing is lost: the summaries are made anew from the logs. Check the disk.' });
}

function remove(path: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) storingSync(`Deleting the damaged ${path}`, () => rmSync(path + end, { force: true }));
}
