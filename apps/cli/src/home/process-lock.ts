import { randomBytes } from 'node:crypto';
import { link, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SoukError, throwIfAborted } from '@souk/domain';
import { storageCode } from '@souk/store';
import { ifPresent, onDisk } from './on-disk.ts';

/** Held by one process at a time. */
export interface ProcessLock {
  /** Throws STORAGE_LOCKED when the lock was lost, for a check right before what must not happen twice. */
  check(): Promise<void>;
  /** Gives it free; harmless when it was lost. */
  release(): Promise<void>;
}

/** How long to wait for another process. */
export interface LockOptions {
  readonly signal: AbortSignal;
  readonly waitMs: number;
  /** What is locked, as in "the keys in ~/.souk". */
  readonly what: string;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
  /** When the process started, by the system's own count, where that can be known: process ids are used again. */
  readonly started?: string;
}

const pollMs = 25;

/** Field 22 of /proc/PID/stat (proc(5)); undefined on other systems and for processes that are gone. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return storageCode(error) === 'EPERM';
  }
}

async function isGone(owner: Owner | undefined): Promise<boolean> {
  // A file that a power failure left empty names nobody.
  if (owner === undefined || owner.pid === 0) return true;
  if (owner.host !== hostname()) return false;
  if (!isAlive(owner.pid)) return true;
  const started = owner.started === undefined ? undefined : await startOf(owner.pid);
  return started !== undefined && started !== owner.started;
}

async function readOwner(path: string): Promise<Owner | undefined> {
  const text = await ifPresent(() => readFile(path, 'utf8'));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return { pid: 0, host: '', token: text };
  }
}

/** Takes the lock by linking a complete file to its name, which only one process can do. */
async function take(path: string, owner: Owner): Promise<boolean> {
  const mine = `${path}.${owner.pid}.${owner.token}`;
  await writeFile(mine, JSON.stringify(owner), { mode: 0o600, flag: 'wx' });
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    // ENOENT: somebody on another machine, where our process is not known, swept our file away.
    if (storageCode(error) === 'EEXIST' || storageCode(error) === 'ENOENT') return false;
    throw error;
  } finally {
    await rm(mine, { force: true });
  }
}

/** Removes the lock of a process that is gone. Whoever grabs a lock that was taken meanwhile puts it back. */
async function clear(path: string, stale: Owner): Promise<void> {
  const grabbed = `${path}.${process.pid}.${randomBytes(8).toString('hex')}`;
  if ((await ifPresent(async () => (await rename(path, grabbed), true))) === undefined) return;
  const was = await readOwner(grabbed);
  if (was !== undefined && was.token !== stale.token) await link(grabbed, path).catch(() => undefined);
  await rm(grabbed, { force: true });
}

/** Removes what processes that were killed while they took the lock left beside it: `lock.PID.TOKEN`. */
async function sweep(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const [pid] = name.slice(basename(path).length + 1).split('.');
    if (/^\d+$/.test(pid ?? '') && !isAlive(Number(pid))) await rm(join(dirname(path), name), { force: true });
  }
}

/**
 * Locks a name in a folder that exists, against other processes of this machine. The lock of a process that was killed is taken over.
 * Throws STORAGE_LOCKED after the wait, CANCELLED.
 */
export async function lockProcess(path: string, options: LockOptions): Promise<ProcessLock> {
  const started = await startOf(process.pid);
  const owner: Owner = { pid: process.pid, host: hostname(), token: randomBytes(8).toString('hex'), ...(started === undefined ? {} : { started }) };
  await onDisk(`Locking ${options.what}`, async () => {
    await acquire(path, owner, options);
    await sweep(path);
  });
  const isMine = async (): Promise<boolean> => (await readOwner(path))?.token === owner.token;
  return {
    check: async () => {
      if (!(await isMine())) throw locked(options.what, undefined);
    },
    release: async () => {
      if (await isMine()) await ifPresent(() => unlink(path));
    },
  };
}

async function acquire(path: string, owner: Owner, options: LockOptions): Promise<void> {
  for (let waited = 0; !(await take(path, owner)); ) {
    const holder = await readOwner(path);
    if (holder === undefined) continue;
    if (await isGone(holder)) {
      await clear(path, holder);
      continue;
    }
    if (waited >= options.waitMs) throw locked(options.what, holder);
    await wait(pollMs, undefined, { signal: options.signal }).catch(() => throwIfAborted(options.signal, `Waiting for ${options.what}`));
    waited += pollMs;
  }
}

function locked(what: string, holder: Owner | undefined): SoukError {
  const who = holder === undefined || holder.pid === 0 ? 'another process' : `process ${holder.pid}`;
  return new SoukError('STORAGE_LOCKED', `${what[0]?.toUpperCase()}${what.slice(1)} are in use by ${who}.`, { hint: 'Wait until it has ended, then try again.', ...(holder ? { details: { pid: holder.pid } } : {}) });
}
