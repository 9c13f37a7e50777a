import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Hint, storeClosed, warmHintLimits, type Cid, type HintLimits, type HintStore } from '@souk/domain';
import { openDatabase } from './database.ts';
import { makeFolder } from './durable-file.ts';
import { storing, storingSync } from './storage-error.ts';

/** The steps of `openDatabase` for hints. */
export const hintMigrations: readonly string[] = [
  `
  CREATE TABLE hint (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cid TEXT NOT NULL UNIQUE,
    hints TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  `,
];

/**
 * Opens the hints in `folder`/hints.db, a cache that may be deleted while nobody has it open. The calling process owns them until `close`.
 * Throws STORAGE_LOCKED, STORAGE_VERSION, STORAGE_CORRUPT, STORAGE_DENIED, STORAGE_FULL.
 */
export async function openHintStore(folder: string, limits: HintLimits = warmHintLimits): Promise<HintStore> {
  await storing(`Creating ${folder}`, () => makeFolder(folder));
  return new SqliteHintStore(openDatabase(join(folder, 'hints.db'), { holds: 'hints', migrations: hintMigrations, durability: 'normal' }), limits);
}

/** Hints in one SQLite table, in the order in which they were put, without an fsync each. */
class SqliteHintStore implements HintStore {
  readonly #db: DatabaseSync;
  readonly #limits: HintLimits;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #change: StatementSync;
  readonly #delete: StatementSync;
  readonly #forget: StatementSync;
  #closed = false;
  #count: number;

  constructor(db: DatabaseSync, limits: HintLimits) {
    this.#db = db;
    this.#limits = limits;
    this.#get = db.prepare('SELECT hints, at FROM hint WHERE cid = ?');
    this.#put = db.prepare('INSERT INTO hint (cid, hints, at) VALUES (?, ?, ?)');
    this.#change = db.prepare('UPDATE hint SET hints = ? WHERE cid = ?');
    this.#delete = db.prepare('DELETE FROM hint WHERE cid = ?');
    this.#forget = db.prepare('DELETE FROM hint WHERE id IN (SELECT id FROM hint ORDER BY id LIMIT ?)');
    this.#count = Number(db.prepare('SELECT count(*) AS n FROM hint').get()?.['n']);
  }

  async get(cid: Cid, now: number): Promise<readonly Hint[]> {
    return this.#run('Reading a hint', () => {
      const row = this.#get.get(cid);
      return row && now - Number(row['at']) <= this.#limits.ms ? read(row['hints']) : [];
    });
  }

  async put(cid: Cid, hints: readonly Hint[], now: number): Promise<void> {
    this.#run('Keeping a hint', () => {
      this.#count -= Number(this.#delete.run(cid).changes);
      if (hints.length > 0) this.#count += Number(this.#put.run(cid, JSON.stringify(hints), now).changes);
      if (this.#count > this.#limits.cids) this.#count -= Number(this.#forget.run(this.#count - this.#limits.cids).changes);
    });
  }

  async drop(cid: Cid, peer: string): Promise<void> {
    this.#run('Dropping a hint', () => {
      const row = this.#get.get(cid);
      if (!row) return;
      const left = read(row['hints']).filter((hint) => hint.peer !== peer);
      if (left.length > 0) this.#change.run(JSON.stringify(left), cid);
      else this.#count -= Number(this.#delete.run(cid).changes);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    storingSync('Closing the hints', () => this.#db.close());
  }

  #run<T>(doing: string, work: () => T): T {
    if (this.#closed) throw storeClosed('hint store');
    return storingSync(doing, work);
  }
}

function read(text: unknown): readonly Hint[] {
  const parsed = Hint.array().safeParse(JSON.parse(String(text)));
  return parsed.success ? parsed.data : [];
}
