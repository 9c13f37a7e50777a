import { createReadStream } from 'node:fs';
import { link, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readBackup, writeBackup, type BackupEntry } from '@souk/archive';
import { SoukError, throwIfAborted } from '@souk/domain';
import { storageCode, syncFolder } from '@souk/store';
import type { Context } from '../context.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import type { BackupSource } from './backup-source.ts';

/** What a backup holds. */
export interface BackupFacts {
  readonly bytes: number;
  readonly files: number;
  readonly blobs: number;
}

/** Reads a backup from its file and checks all of it. Throws STORAGE_CORRUPT, STORAGE_VERSION. */
export async function verifyBackupFile(path: string, signal: AbortSignal): Promise<BackupFacts> {
  let blobs = 0;
  for await (const event of onFile(path, signal)) {
    if (event.kind === 'entry' && event.path.startsWith('blobs/')) blobs += 1;
    if (event.kind === 'end') return { bytes: (await stat(path)).size, files: event.end.files, blobs };
  }
  throw new SoukError('STORAGE_CORRUPT', `The backup ${path} has no end.`);
}

/** What a backup file holds, checked as it is read. Throws NOT_FOUND, STORAGE_CORRUPT, STORAGE_VERSION. */
export function onFile(path: string, signal: AbortSignal): ReturnType<typeof readBackup> {
  return readBackup(readable(path), signal);
}

async function* readable(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1_048_576 });
  } catch (error) {
    if (storageCode(error) === 'ENOENT') throw new SoukError('NOT_FOUND', `There is no file ${path}.`, { hint: 'Give the path of a backup that souk backup made.' });
    throw error;
  }
}

async function* joined(entries: AsyncIterable<BackupEntry>, keys: readonly BackupEntry[]): AsyncGenerator<BackupEntry> {
  yield* entries;
  yield* keys;
}

const present = (path: string): Promise<unknown> => onDisk(`Writing ${path}`, () => ifPresent(() => stat(path)));

/** STORAGE_DENIED: nothing is overwritten. */
function exists(path: string): SoukError {
  return new SoukError('STORAGE_DENIED', `The file ${path} exists already.`, { hint: 'Choose another name; a backup never replaces one.' });
}

/**
 * Writes a backup that only its owner may read (0600), durably, then reads it again from the disk and checks all of it; only then it gets
 * its name. Nothing is left of one that fails. Throws STORAGE_DENIED when the file exists, NOT_FOUND when its folder does not, STORAGE_FULL, STORAGE_CORRUPT, CANCELLED.
 */
export async function writeBackupFile({ host }: Context, path: string, source: BackupSource, keys: readonly BackupEntry[]): Promise<BackupFacts> {
  if ((await present(path)) !== undefined) throw exists(path);
  if ((await present(dirname(path))) === undefined) throw new SoukError('NOT_FOUND', `There is no folder ${dirname(path)}.`, { hint: 'Make it first, or choose another place for the backup.' });
  const draft = `${path}.partial`;
  try {
    await onDisk(`Writing ${path}`, async () => {
      await rm(draft, { force: true });
      const handle = await open(draft, 'wx', 0o600);
      try {
        for await (const chunk of writeBackup({ ...source.head, keys: keys.length > 0 }, joined(source.entries, keys))) {
          throwIfAborted(host.signal, 'The backup');
          await handle.appendFile(chunk);
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
    const facts = await verifyBackupFile(draft, host.signal);
    await onDisk(`Writing ${path}`, async () => {
      await link(draft, path).catch((error: unknown) => Promise.reject(storageCode(error) === 'EEXIST' ? exists(path) : error));
      await syncFolder(dirname(path));
    });
    return facts;
  } finally {
    await rm(draft, { force: true });
  }
}
