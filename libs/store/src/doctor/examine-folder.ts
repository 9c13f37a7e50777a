import { access, chmod, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkBlobs, checkOrphans, checkRecords, checkReleases, found, isSoukError, MemoryBlobLedger, NamedBlobs, type CheckStep, type Finding } from '@souk/domain';
import { lockedBy, lockFile, siteLogFolder } from '../data-folder.ts';
import { dataFolderVersion, readFormat } from '../data-format.ts';
import { diskSpace } from '../disk-space.ts';
import { openBlobStore } from '../file-blob-store.ts';
import { lockExclusively } from '../file-lock.ts';
import { openLogStore } from '../sqlite-log-store.ts';
import { examineDatabases } from './examine-databases.ts';
import { examineKeys } from './examine-keys.ts';
import { examineStrayFiles, putAside } from './stray-files.ts';

/** How a folder is examined. */
export interface ExamineOptions {
  /** Puts right what is safe. */
  readonly fix: boolean;
  /** Whether every blob is read and compared with its cid. */
  readonly blobs: boolean;
  /** Unnamed blobs that are older count as orphans, in milliseconds. */
  readonly graceMs: number;
  /** Share of the disk that has to be free. */
  readonly minFree: number;
  readonly now: number;
  readonly signal?: AbortSignal;
}

const own = typeof process.getuid === 'function' ? process.getuid() : undefined;

/**
 * Examines the data folder of a stopped site: layout, permissions, disk, databases, keys, records, blobs. Nobody else can open it meanwhile.
 * Without `fix` nothing is changed but what every start changes. Throws STORAGE_LOCKED when a site uses it, NOT_FOUND, CANCELLED.
 */
export async function* examineFolder(path: string, options: ExamineOptions): AsyncGenerator<CheckStep> {
  // First, because nothing may be touched in a folder of something else.
  if (!(yield* examineFormat(path))) return;
  const lock = lockExclusively(join(path, lockFile));
  if (!lock) throw lockedBy(path);
  try {
    yield* examineDisk(path, options);
    yield* examineKeys(path, options.fix);
    if (!(yield* examineDatabases(path, options.fix))) return;
    yield* examineStrayFiles(path, options);
    yield* examineContents(path, options);
  } finally {
    lock.release();
  }
}

/** Permissions and room, which can be looked at while a site uses the folder too. */
export async function* examineDisk(path: string, { fix, minFree }: Pick<ExamineOptions, 'fix' | 'minFree'>): AsyncGenerator<CheckStep> {
  const { mode, uid } = await stat(path);
  if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
    const finding: Finding = { check: 'permissions', level: 'problem', what: `Others than its owner may enter ${path} (mode ${(mode & 0o777).toString(8)}).`, why: 'Keys and records lie there.', todo: `chmod 700 ${path}` };
    if (fix) await chmod(path, 0o700);
    yield found(fix ? { ...finding, fixed: true } : finding);
  }
  const isWritable = await access(path, constants.R_OK | constants.W_OK | constants.X_OK).then(() => true, () => false);
  if (!isWritable || (own !== undefined && own !== 0 && uid !== own)) {
    yield found({ check: 'permissions', level: 'problem', what: `The folder ${path} belongs to another user, or can't be written.`, why: 'A site that is started by this user could not use it.', todo: 'Let the user that the site runs as own the folder, or run this command as that user.' });
  }
  yield { type: 'checked', check: 'permissions', done: 1 };
  const { free, total } = await diskSpace(path);
  if (free < minFree * total) {
    yield found({ check: 'disk', level: 'problem', what: `Only ${((free / total) * 100).toFixed(1)} % of the disk of ${path} is free (${free} of ${total} bytes).`, why: `Below ${minFree * 100} % a site writes nothing: publishing and fetching fail with STORAGE_FULL.`, todo: 'Free some space, or lower SOUK_STORAGE_MIN_FREE.' });
  }
  yield { type: 'checked', check: 'disk', done: 1 };
}

/** Whether the folder is a data folder that this version understands. */
async function* examineFormat(path: string): AsyncGenerator<CheckStep, boolean> {
  let version;
  try {
    version = await readFormat(path);
  } catch (error) {
    if (!isSoukError(error)) throw error;
    yield found({ check: 'folder', level: 'problem', what: error.message, todo: error.hint });
    return false;
  }
  if (version === dataFolderVersion) {
    yield { type: 'checked', check: 'folder', done: 1 };
    return true;
  }
  const what = version === undefined ? `${path} is no data folder of a site.` : `${path} has version ${version}; this Souk understands ${dataFolderVersion}.`;
  yield found({ check: 'folder', level: 'problem', what, todo: version === undefined ? 'Name the right one by --data.' : 'Use the Souk that wrote it.' });
  return false;
}

async function* examineContents(path: string, options: ExamineOptions): AsyncGenerator<CheckStep> {
  const logs = await openLogStore(path);
  const siteLog = await openLogStore(join(path, siteLogFolder));
  const blobs = await openBlobStore(path);
  const ledger = new MemoryBlobLedger();
  const { signal, fix, now, graceMs } = options;
  try {
    yield* checkAllRecords([logs, siteLog], signal ? { signal } : {});
    const since = async (cid: string): Promise<number> => (await stat(join(path, 'blobs', cid.slice(-2), cid))).mtimeMs;
    for await (const cid of blobs.list()) await ledger.put(cid, (await blobs.size(cid)) ?? 0, await since(cid));
    const names = new NamedBlobs({ logs, ledger, rule: { fingerprint: '', keeps: async () => false, isOurs: () => true }, pace: async () => undefined });
    if (!(yield* guarded(() => names.catchUp()))) return;
    const drop = async (cid: Parameters<typeof blobs.delete>[0]): Promise<boolean> => {
      await blobs.delete(cid);
      await ledger.remove(cid);
      return true;
    };
    const repair = { drop, putAside: async (cid: string) => putAside(path, join('blobs', cid.slice(-2), cid)) };
    const checking = { orphanedBefore: now - graceMs, ...(signal ? { signal } : {}), ...(fix ? { repair } : {}) };
    yield* checkReleases(logs, ledger);
    yield* checkOrphans(ledger, checking);
    if (options.blobs) yield* checkBlobs(blobs, ledger, checking);
  } finally {
    await blobs.close();
    await siteLog.close();
    await logs.close();
  }
}

/** Checks the records of several stores, and counts them together. */
async function* checkAllRecords(stores: readonly Parameters<typeof checkRecords>[0][], options: Parameters<typeof checkRecords>[1]): AsyncGenerator<CheckStep> {
  let before = 0;
  for (const logs of stores) {
    let done = 0;
    for await (const step of checkRecords(logs, options)) {
      if (step.type === 'checked') done = step.done;
      yield step.type === 'checked' ? { ...step, done: before + step.done, ...(step.total === undefined ? {} : { total: before + step.total }) } : step;
    }
    before += done;
  }
}

/** Goes on only where the records could be read; what is wrong with them has been told. */
async function* guarded(work: () => Promise<void>): AsyncGenerator<CheckStep, boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!isSoukError(error) || error.code !== 'STORAGE_CORRUPT') throw error;
    yield found({ check: 'blobs', level: 'note', what: 'Blobs were not compared with the records, because not all records can be read.', todo: 'Put the records right first.' });
    return false;
  }
}
