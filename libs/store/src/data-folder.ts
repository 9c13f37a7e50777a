import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SoukError } from '@souk/domain';
import type { BlobStore, HintStore, KeyStore, LogStore, ObservationStore, SummaryStore } from '@souk/domain';
import { checkFormat, formatFile, readFormat, writeFormat } from './data-format.ts';
import { deleteTemporaryFiles, makeFolder } from './durable-file.ts';
import { openBlobStore } from './file-blob-store.ts';
import { openKeyStore } from './file-key-store.ts';
import { lockExclusively, type FileLock } from './file-lock.ts';
import { settleNames } from './settle-names.ts';
import { openBlobLedger } from './open-blob-ledger.ts';
import type { SharedBlobLedger } from './sqlite-blob-ledger.ts';
import { openLogStore, type LogStoreOptions } from './sqlite-log-store.ts';
import { openHintStore } from './sqlite-hint-store.ts';
import { openObservationStore } from './sqlite-observation-store.ts';
import { openSummaryStore } from './sqlite-summary-store.ts';
import { storing } from './storage-error.ts';

/** Everything that a peer keeps. */
export interface DataFolder {
  /** The folder itself; others may keep projections in folders of their own below it. */
  readonly path: string;
  readonly logs: LogStore;
  /** The site log: in a store of its own, so that nothing that is offered to other peers is ever read from where it lies. */
  readonly siteLog: LogStore;
  readonly blobs: BlobStore;
  readonly ledger: SharedBlobLedger;
  readonly keys: KeyStore;
  readonly observations: ObservationStore;
  /** Who was known to have which blob: a cache. */
  readonly hints: HintStore;
  /** What readers are told of each package: a projection of the logs and the site log. */
  readonly summaries: SummaryStore;
  /**
   * Copies the logs into a new database at `path`, while appends go on. Throws STORAGE_FULL, STORAGE_DENIED, STORAGE_CORRUPT; then the file
   * must be thrown away.
   */
  copyLogs(path: string): Promise<void>;
  /** Copies the site log likewise. */
  copySiteLog(path: string): Promise<void>;
  /** Finishes what is being written, closes every store and gives the folder free. */
  close(): Promise<void>;
}

/** The folder of the site log, inside a data folder. */
export const siteLogFolder = 'site-log';
/** The file by whose lock a data folder has one owner at a time. */
export const lockFile = 'lock.db';
const ownerFile = 'lock.pid';
/** What a folder may hold before it is ours: our own first files after a crash, what a fresh volume brings, and how its network is joined. */
const harmless = new Set([lockFile, `${lockFile}-journal`, ownerFile, 'lost+found', 'invite']);

/**
 * Opens a data folder, created (0700) when missing. One process owns it at a time.
 * Throws STORAGE_LOCKED (with the owner's pid), STORAGE_VERSION (naming both versions), STORAGE_DENIED (no permission, or a folder of something else),
 * STORAGE_CORRUPT, STORAGE_FULL.
 */
export async function openDataFolder(path: string, options: Omit<LogStoreOptions, 'joinable'> = {}): Promise<DataFolder> {
  await storing(`Opening the data folder ${path}`, async () => {
    await makeFolder(path);
    refuseForeign(path, await readdir(path));
  });
  const lock = lockFolder(path);
  const opened: { close(): Promise<void> }[] = [];
  const closeAll = async (): Promise<void> => {
    for (const store of opened.splice(0).reverse()) await store.close();
    lock.release();
  };
  const keep = <T extends { close(): Promise<void> }>(store: T): T => {
    opened.push(store);
    return store;
  };
  try {
    const isNew = await claimFormat(path);
    await storing(`Cleaning ${path}`, () => deleteTemporaryFiles(path));
    const keys = await openKeyStore(join(path, 'keys'));
    const logs = keep(await openLogStore(path, { ...options, joinable: true }));
    const siteLog = keep(await openLogStore(join(path, siteLogFolder), { ...options, joinable: true }));
    const observations = keep(await openObservationStore(path));
    const hints = keep(await openHintStore(path));
    const summaries = keep(await openSummaryStore(path));
    const ledger = keep(await openBlobLedger(path));
    const blobs = keep(await openBlobStore(path));
    if (isNew || lock.isAfterCrash) await storing(`Flushing what a crash left in ${path}`, () => settleNames(path));
    return { path, logs, siteLog, blobs, ledger, keys, observations, hints, summaries, copyLogs: (to) => logs.copyTo(to), copySiteLog: (to) => siteLog.copyTo(to), close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function refuseForeign(path: string, names: readonly string[]): void {
  if (names.includes(formatFile)) return;
  const foreign = names.find((name) => !harmless.has(name) && !name.startsWith(`.${formatFile}.`));
  if (foreign === undefined) return;
  throw new SoukError('STORAGE_DENIED', `The folder ${path} holds something else than Souk's data (${foreign}).`, { hint: 'Choose an empty folder, or one that does not exist yet, with --data.', details: { path } });
}

/** Whether the folder was not claimed before. */
async function claimFormat(path: string): Promise<boolean> {
  const format = await readFormat(path);
  if (format === undefined) await writeFormat(path);
  else checkFormat(path, format);
  return format === undefined;
}

/** The lock of a data folder, and whether its last owner ended without giving it free: its pid is still there. */
function lockFolder(path: string): FileLock & { readonly isAfterCrash: boolean } {
  const lock = lockExclusively(join(path, lockFile));
  const owner = join(path, ownerFile);
  if (!lock) throw lockedBy(path);
  const isAfterCrash = existsSync(owner);
  try {
    writeFileSync(owner, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    // The pid is only told to whoever comes second; a full disk must not keep a site from reading.
  }
  return {
    isAfterCrash,
    release: () => {
      rmSync(owner, { force: true });
      lock.release();
    },
  };
}

function readOwner(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** STORAGE_LOCKED, with the pid of the folder's owner when it is known. */
export function lockedBy(path: string): SoukError {
  const pid = readOwner(join(path, ownerFile));
  const who = pid === undefined ? 'another process' : `process ${pid}`;
  return new SoukError('STORAGE_LOCKED', `The data folder ${path} is in use by ${who}.`, { hint: 'Stop that process, or choose another data folder with --data.', details: { path, ...(pid === undefined ? {} : { pid }) } });
}
