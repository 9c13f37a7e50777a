import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, constants, link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { storageCode } from './storage-error.ts';

/** Makes the names in a folder durable (fsync). Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates a folder, and those above it, that only its owner may enter (0700), durably. Does nothing to one that exists. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => explain(folder, error));
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** Node reports a folder that can't be made on a read-only disk as one that does not exist; the nearest one above it says why. */
async function explain(folder: string, error: unknown): Promise<never> {
  let above = dirname(folder);
  while (!existsSync(above) && above !== dirname(above)) above = dirname(above);
  if (storageCode(error) === 'ENOENT') await access(above, constants.W_OK);
  throw error;
}

/** Deletes the temporary files that a crash left in a folder which nobody else writes to now. */
export async function deleteTemporaryFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (isTemporaryName(name)) await rm(join(folder, name), { force: true });
}

/** Whether a file of this name is one that `writeDurably` had not finished. */
export function isTemporaryName(name: string): boolean {
  return /^\..+\.[0-9a-f]{16}\.tmp$/.test(name);
}

/** How a file takes its name: over the file that had it, or only if nobody had it (else EEXIST). */
export type Naming = 'replace' | 'exclusive';

/**
 * Writes a small file (0600) that after a crash is either whole or not there: temporary name, fsync, rename or link, fsync of the folder.
 * A crash can leave a hidden temporary file beside it.
 */
export async function writeDurably(path: string, bytes: Uint8Array, naming: Naming): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await (naming === 'replace' ? rename(temporary, path) : link(temporary, path));
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(folder);
}
