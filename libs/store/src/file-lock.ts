import { sqlite } from './sqlite.ts';
import { requireWritable, storageCode, storingSync } from './storage-error.ts';

/** A lock on a file. The operating system ends it with the process, also after kill -9. */
export interface FileLock {
  /** Ends the lock; harmless when it has ended. */
  release(): void;
}

const sharedTimeoutMs = 5000;
const sqliteBusy = 5;

/**
 * Locks a file, created when missing, against every other lock on it, of this process too; undefined when there is one.
 * The lock is SQLite's (an open exclusive transaction on an empty database), which also works between two opens of one process.
 * Opening the file by other means in this process would end the lock on POSIX systems.
 */
export function lockExclusively(path: string): FileLock | undefined {
  return storingSync(`Locking ${path}`, () => lock(path, 'BEGIN EXCLUSIVE', 0));
}

/** Locks a file against exclusive locks only, waiting up to 5 s for one to end; undefined when it did not. */
export function lockShared(path: string): FileLock | undefined {
  return storingSync(`Locking ${path}`, () => lock(path, 'BEGIN; SELECT count(*) FROM sqlite_schema', sharedTimeoutMs));
}

function lock(path: string, sql: string, timeout: number): FileLock | undefined {
  requireWritable(path);
  const db = new (sqlite().DatabaseSync)(path, { timeout });
  try {
    db.exec(sql);
  } catch (error) {
    db.close();
    if (storageCode(error) === sqliteBusy) return undefined;
    throw error;
  }
  return {
    release: () => {
      if (db.isOpen) db.close();
    },
  };
}
