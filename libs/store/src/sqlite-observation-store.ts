import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { KeptObservations, storeClosed } from '@souk/domain';
import type { Observation, ObservationStore, StoredObservation } from '@souk/domain';
import { openDatabase } from './database.ts';
import { makeFolder } from './durable-file.ts';
import { storing, storingSync } from './storage-error.ts';

/** The steps of `openDatabase` for observations. */
export const observationMigrations: readonly string[] = [
  `
  CREATE TABLE observation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    peer TEXT NOT NULL,
    cid TEXT NOT NULL,
    outcome TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    ms REAL NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  `,
];

/**
 * Opens the observations in `folder`/observations.db. The calling process owns them until `close`.
 * Throws STORAGE_LOCKED, STORAGE_VERSION, STORAGE_CORRUPT, STORAGE_DENIED, STORAGE_FULL.
 */
export async function openObservationStore(folder: string): Promise<ObservationStore> {
  await storing(`Creating ${folder}`, () => makeFolder(folder));
  return new SqliteObservationStore(openDatabase(join(folder, 'observations.db'), { holds: 'observations', migrations: observationMigrations, durability: 'normal' }));
}

/** Observations in SQLite, without an fsync each. */
class SqliteObservationStore implements ObservationStore {
  readonly #db: DatabaseSync;
  readonly #add: StatementSync;
  readonly #forget: StatementSync;
  readonly #since: StatementSync;
  readonly #kept = new KeptObservations();
  #closed = false;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#add = db.prepare('INSERT INTO observation (peer, cid, outcome, bytes, ms, at) VALUES (?, ?, ?, ?, ?, ?)');
    this.#forget = db.prepare('DELETE FROM observation WHERE id = ?');
    this.#since = db.prepare('SELECT id, peer, cid, outcome, bytes, ms, at FROM observation WHERE id > ? ORDER BY id LIMIT ?');
    for (const { id, peer } of db.prepare('SELECT id, peer FROM observation ORDER BY id').all()) this.#keep(Number(id), String(peer));
  }

  async add(observation: Observation): Promise<StoredObservation> {
    return this.#run('Keeping an observation', () => {
      const { peer, cid, outcome, bytes, ms, at } = observation;
      const id = Number(this.#add.run(peer, cid, outcome, bytes, ms, at).lastInsertRowid);
      this.#keep(id, peer);
      return { ...observation, id };
    });
  }

  async since(cursor: number, limit: number): Promise<readonly StoredObservation[]> {
    return this.#run('Reading the observations', () => this.#since.all(cursor, limit).map((row) => ({ ...row }) as unknown as StoredObservation));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    storingSync('Closing the observations', () => this.#db.close());
  }

  #keep(id: number, peer: string): void {
    const forgotten = this.#kept.add(id, peer);
    if (forgotten !== undefined) this.#forget.run(forgotten);
  }

  #run<T>(doing: string, work: () => T): T {
    if (this.#closed) throw storeClosed('observation store');
    return storingSync(doing, work);
  }
}
