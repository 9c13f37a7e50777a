import type { DatabaseSync } from 'node:sqlite';
import { SoukError } from '@souk/domain';
import { sqlite } from './sqlite.ts';
import { requireWritable, storingSync } from './storage-error.ts';

/** How a database is opened. */
export interface DatabaseOptions {
  /** What the database holds, for messages, as in "logs". */
  readonly holds: string;
  /** Step n brings a database of version n to version n + 1. Steps of released versions never change. */
  readonly migrations: readonly string[];
  /** `full`: a commit is on disk when it returns. `normal`: the last commits may be lost in a power failure, never in a crash of the process. */
  readonly durability: 'full' | 'normal';
  /**
   * `owned`, the default: no other connection may open it. `shared`: connections of this process's threads may (`joinDatabase`), so that one
   * thread writes while another reads; the caller keeps other processes away.
   */
  readonly access?: 'owned' | 'shared';
  /** Whether what is deleted is overwritten, as it must be where contents can be taken down. True unless given. */
  readonly overwrites?: boolean;
  /** After how many pages of changes they are moved from the write-ahead log into the database, which waits for the disk. SQLite's 1000 unless given. */
  readonly checkpointPages?: number;
}

/** How long a connection waits for another one's lock, in milliseconds. */
export const busyTimeoutMs = 5000;

/**
 * Opens or creates a SQLite database that this process owns until it closes it, brought to the newest version.
 * Throws STORAGE_LOCKED when another connection owns it, STORAGE_VERSION when a newer Souk wrote it, STORAGE_CORRUPT, STORAGE_DENIED, STORAGE_FULL.
 */
export function openDatabase(path: string, options: DatabaseOptions): DatabaseSync {
  return storingSync(`Opening the ${options.holds} in ${path}`, () => {
    requireWritable(path);
    const db = new (sqlite().DatabaseSync)(path, { timeout: 0 });
    try {
      if (options.access !== 'shared') db.exec('PRAGMA locking_mode = EXCLUSIVE');
      const version = versionOf(db);
      if (version > options.migrations.length) throw newerVersion(path, options, version);
      configure(db, options);
      migrate(db, version, options.migrations);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/**
 * Opens another connection to a `shared` database that a thread of this process has opened. Reads what is committed; writes wait for the
 * other connection's transaction, blocking this thread for up to 5 s. Throws STORAGE_VERSION when it is not of the newest version.
 */
export function joinDatabase(path: string, options: DatabaseOptions): DatabaseSync {
  return storingSync(`Opening the ${options.holds} in ${path}`, () => {
    requireWritable(path);
    const db = new (sqlite().DatabaseSync)(path, { timeout: busyTimeoutMs });
    try {
      const version = versionOf(db);
      if (version !== options.migrations.length) throw newerVersion(path, options, version);
      configure(db, options);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function configure(db: DatabaseSync, options: DatabaseOptions): void {
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'};
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ${options.overwrites === false ? 'OFF' : 'ON'};
    PRAGMA wal_autocheckpoint = ${options.checkpointPages ?? 1000};
    PRAGMA trusted_schema = OFF;
    PRAGMA busy_timeout = ${busyTimeoutMs};
  `);
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
}

function migrate(db: DatabaseSync, from: number, migrations: readonly string[]): void {
  // Also without a step to take: the write lock is what makes this connection the owner.
  db.exec('BEGIN IMMEDIATE');
  for (const step of migrations.slice(from)) db.exec(step);
  db.exec(`PRAGMA user_version = ${migrations.length}`);
  db.exec('COMMIT');
}

function newerVersion(path: string, options: DatabaseOptions, version: number): SoukError {
  const understood = options.migrations.length;
  return new SoukError('STORAGE_VERSION', `The ${options.holds} in ${path} have version ${version}; this Souk understands ${understood}.`, {
    hint: 'Start the newer Souk that wrote them, or choose another data folder with --data.',
    details: { path, version, understood },
  });
}
