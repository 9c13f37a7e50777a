import { createHash, randomBytes } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { blobCid, isSoukError, throwIfAborted, type Cid, type BlobLedger } from '@souk/domain';
import { siteLogFolder, type DataFolder } from './data-folder.ts';
import { filePieces } from './file-pieces.ts';
import { storageCode, storing } from './storage-error.ts';

/** A file as a backup takes it. */
export interface BackedFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What a backup takes. */
export interface BackupOptions {
  /** Whether blobs that can be fetched again are taken too. */
  readonly cached: boolean;
  /** Brings the ledger up to date after the records were copied, so that no blob that they name is left out. */
  readonly catchUp: () => Promise<void>;
  /** Hears of blobs that are damaged, and therefore left out. */
  readonly onLeft?: (cid: Cid, why: string) => void;
  readonly signal?: AbortSignal;
  /** Most bytes of one file; a tar header can't say more than 8 GiB. */
  readonly partBytes?: number;
}

const gibibyte = 1_073_741_824;
const remembered = 'network.json';

/**
 * What of a data folder belongs into a backup, while the folder is in use: first the records and the site log, as they are when their copies end, then the
 * blobs, so that each that was published here is there. Blobs are read twice, because only whole ones are taken. Keys, and what can be
 * made anew, are not in it. Throws STORAGE_FULL when the disk has no room for a copy of the records, STORAGE_CORRUPT, CANCELLED.
 */
export async function* backupEntries(data: Pick<DataFolder, 'path' | 'copyLogs' | 'copySiteLog' | 'siteLog' | 'blobs'> & { readonly ledger: Pick<BlobLedger, 'get'> }, options: BackupOptions): AsyncGenerator<BackedFile> {
  yield* rememberedNetwork(data.path);
  yield* copied(data, { as: 'logs.db', copyTo: (path) => data.copyLogs(path) }, options);
  if ((await data.siteLog.size()).records > 0) yield* copied(data, { as: 'site-log.db', copyTo: (path) => data.copySiteLog(path) }, options);
  await options.catchUp();
  for await (const cid of data.blobs.list()) {
    throwIfAborted(options.signal, 'The backup');
    const held = await data.ledger.get(cid);
    if (!held || held.keeping === 'unnamed' || (held.keeping === 'cached' && !options.cached && !held.isElsewhere)) continue;
    const size = await wholeSize(data, cid, options);
    if (size !== undefined) yield { path: `blobs/${cid.slice(-2)}/${cid}`, size, bytes: await data.blobs.read(cid, { offset: 0, length: size }) };
  }
}

/** How many bytes a copy of the records takes, about. */
export async function logsBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of ['logs.db', 'logs.db-wal', join(siteLogFolder, 'logs.db'), join(siteLogFolder, 'logs.db-wal')]) bytes += (await sizeOf(join(folder, name))) ?? 0;
  return bytes;
}

async function* rememberedNetwork(folder: string): AsyncGenerator<BackedFile> {
  const path = join(folder, remembered);
  const size = await sizeOf(path);
  if (size !== undefined && size < 1_000_000) yield { path: remembered, size, bytes: filePieces(path, 0, size) };
}

interface Copy {
  /** What its parts are called in a backup. */
  readonly as: string;
  copyTo(path: string): Promise<void>;
}

async function* copied(data: Pick<DataFolder, 'path'>, { as, copyTo }: Copy, { partBytes = gibibyte }: BackupOptions): AsyncGenerator<BackedFile> {
  // Beside the drafts: what a crash leaves there the next start deletes.
  const copy = join(data.path, 'drafts', `logs-${randomBytes(8).toString('hex')}`);
  try {
    await copyTo(copy);
    const size = (await sizeOf(copy)) ?? 0;
    for (let [part, start] = [0, 0]; start < size; [part, start] = [part + 1, start + partBytes]) {
      const end = Math.min(size, start + partBytes);
      yield { path: `${as}.${String(part).padStart(3, '0')}`, size: end - start, bytes: filePieces(copy, start, end) };
    }
  } finally {
    await storing('Deleting the copy of the logs', () => rm(copy, { force: true }));
  }
}

/** The size of a blob that is whole; undefined for one that is damaged or has gone away meanwhile. */
async function wholeSize({ blobs }: Pick<DataFolder, 'blobs'>, cid: Cid, { onLeft }: BackupOptions): Promise<number | undefined> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const piece of await blobs.read(cid)) {
      hash.update(piece);
      size += piece.length;
    }
  } catch (error) {
    if (!isSoukError(error)) throw error;
    if (error.code !== 'BLOB_NOT_FOUND') onLeft?.(cid, error.message);
    return undefined;
  }
  const actual = blobCid(new Uint8Array(hash.digest()));
  if (actual === cid) return size;
  onLeft?.(cid, `its bytes have the cid ${actual}`);
  return undefined;
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (storageCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
