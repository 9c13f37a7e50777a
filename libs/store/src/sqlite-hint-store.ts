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
  'ALTER TABLE hint ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;',
];

/** Most cids that one put moves behind the others instead of dropping them: more would take long. */
const maxSpared = 16;

/**
 * Opens the hints in `folder`/hints.db, a cache that may be deleted while nobody has it open. The calling process owns them until `close`.
 * Throws STORAGE_LOCKED, STORAGE_VERSION, STORAGE_CORRUPT, STORAGE_DENIED, STORAGE_FULL.
 */
export async function openHintStore(folder: string, limits: HintLimits = warmHintLimits): Promise<HintStore> {
  await storing(`Creating ${folder}`, () => makeFolder(folder));
  return new SqliteHintStore(openDatabase(join(folder, 'hints.db'), { holds: 'hints', migrations: hintMigrations, durability: 'normal' }), limits);
}

/**
 * Hints in one SQLite table, in the order in which they were put, without an fsync each. Which give way is decided as by the algorithm CLOCK: the
 * oldest, but one that was asked for goes behind all others once, which costs a cid that is asked for again and again next to no writing.
 */
class SqliteHintStore implements HintStore {
  readonly #db: DatabaseSync;
  readonly #limits: HintLimits;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #change: StatementSync;
  readonly #delete: StatementSync;
  readonly #asked: StatementSync;
  readonly #oldest: StatementSync;
  readonly #spare: StatementSync;
  #closed = false;
  #count: number;

  constructor(db: DatabaseSync, limits: HintLimits) {
    this.#db = db;
    this.#limits = limits;
    this.#get = db.prepare('SELECT hints, at, asked FROM hint WHERE cid = ?');
    this.#put = db.prepare('INSERT INTO hint (cid, hints, at) VALUES (?, ?, ?)');
    this.#change = db.prepare('UPDATE hint SET hints = ? WHERE cid = ?');
    this.#delete = db.prepare('DELETE FROM hint WHERE cid = ?');
    this.#asked = db.prepare('UPDATE hint SET asked = 1 WHERE cid = ?');
    this.#oldest = db.prepare('SELECT cid, asked FROM hint ORDER BY id LIMIT 1');
    this.#spare = db.prepare('UPDATE hint SET asked = 0, id = (SELECT max(id) + 1 FROM hint) WHERE cid = ?');
    this.#count = Number(db.prepare('SELECT count(*) AS n FROM hint').get()?.['n']);
  }

  async get(cid: Cid, now: number): Promise<readonly Hint[]> {
    return this.#run('Reading a hint', () => {
      const row = this.#get.get(cid);
      if (!row || now - Number(row['at']) > this.#limits.ms) return [];
      if (row['asked'] === 0) this.#asked.run(cid);
      return read(row['hints']);
    });
  }

  async put(cid: Cid, hints: readonly Hint[], now: number): Promise<void> {
    this.#run('Keeping a hint', () => {
      this.#count -= Number(this.#delete.run(cid).changes);
      if (hints.length > 0) this.#count += Number(this.#put.run(cid, JSON.stringify(hints), now).changes);
      for (let spared = 0; this.#count > this.#limits.cids; ) spared += this.#dropOldest(spared < maxSpared);
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

  /** Drops the oldest cid, or spares it when it was asked for and may be spared; answers how many were spared. */
  #dropOldest(maySpare: boolean): number {
    const row = this.#oldest.get();
    if (row && maySpare && row['asked'] === 1) return Number(this.#spare.run(row['cid'] ?? null).changes);
    this.#count = row ? this.#count - Number(this.#delete.run(row['cid'] ?? null).changes) : 0;
    return 0;
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
