import { accessSync, constants } from 'node:fs';
import { isSoukError, SoukError } from '@souk/domain';

/** SQLite's primary result codes (sqlite.org/rescode.html) that mean something about the disk. */
const sqlite = { perm: 3, busy: 5, locked: 6, readonly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const;

const full = new Set<string | number>(['ENOSPC', 'EDQUOT', sqlite.full]);
const denied = new Set<string | number>(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG', sqlite.perm, sqlite.readonly, sqlite.cannotOpen]);
const corrupt = new Set<string | number>(['EIO', sqlite.ioError, sqlite.corrupt, sqlite.notADatabase]);
const locked = new Set<string | number>([sqlite.busy, sqlite.locked]);
const exhausted = new Set<string | number>(['EMFILE', 'ENFILE']);

/** The code of an error of the operating system (`ENOSPC`) or of SQLite (its primary result code); undefined for others. */
export function storageCode(error: unknown): string | number | undefined {
  // Not by `instanceof`: errors of Node's own modules belong to another realm where code runs in a vm context.
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  if (error.code !== 'ERR_SQLITE_ERROR') return typeof error.code === 'string' ? error.code : undefined;
  return 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

/** Whether SQLite refused because another connection holds a lock. */
export function isBusy(error: unknown): boolean {
  const code = storageCode(error);
  return code === sqlite.busy || code === sqlite.locked;
}

/**
 * What an error of the operating system or of SQLite means: STORAGE_FULL, STORAGE_DENIED, STORAGE_CORRUPT, STORAGE_LOCKED,
 * or UNAVAILABLE when files run out. Other errors are bugs and pass unchanged, as SoukErrors do.
 * `doing` begins the message, as in "Writing a blob".
 */
export function storageError(error: unknown, doing: string): unknown {
  const code = storageCode(error);
  if (code === undefined || isSoukError(error)) return error;
  const cause = error;
  if (full.has(code)) return new SoukError('STORAGE_FULL', `${doing} failed: no space is left on the disk.`, { hint: 'Free some space on the disk of the data folder, then try again; nothing was lost.', cause });
  if (denied.has(code)) return new SoukError('STORAGE_DENIED', `${doing} failed: the system does not allow it (${reason(error)}).`, { hint: 'Let the user that Souk runs as own the data folder, or choose another one with --data.', cause });
  if (corrupt.has(code)) return new SoukError('STORAGE_CORRUPT', `${doing} failed: what the disk holds is damaged (${reason(error)}).`, { hint: 'Check the disk, then restore the data folder from a backup or join the network again with a new one.', cause });
  if (locked.has(code)) return new SoukError('STORAGE_LOCKED', `${doing} failed: another process uses these files.`, { hint: 'Stop the other process, or choose another data folder with --data.', cause });
  if (exhausted.has(code)) return new SoukError('UNAVAILABLE', `${doing} failed: this process may open no more files.`, { hint: 'Raise the limit of open files (ulimit -n).', cause });
  return error;
}

function reason(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'unknown';
  return message.replace(/,? *'[^']*'( -> '[^']*')?/g, '');
}

/**
 * Throws the system's error when this process may not write to an existing file; does nothing when there is none.
 * SQLite alone would fall back to reading, and report a lock that it can't take as a damaged disk.
 */
export function requireWritable(path: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    if (storageCode(error) !== 'ENOENT') throw error;
  }
}

/** Runs storage work and turns its errors into SoukErrors (`storageError`). */
export async function storing<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error, doing);
  }
}

/** The synchronous form of `storing`. */
export function storingSync<T>(doing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storageError(error, doing);
  }
}

/** What work on a file gives, or undefined when there is no such file. Throws all other errors of the system. */
export async function ifPresent<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (storageCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
