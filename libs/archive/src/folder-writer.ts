import { closeSync, constants, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SoukError } from '@souk/domain';
import type { ArchiveEvent } from './archive-reading.ts';
import { storageError, systemCode } from './storage-error.ts';

const freshFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** How many files are made durable at a time. */
const syncsAtOnce = 8;

async function sync(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a package's files into a folder that it makes itself, so that nothing there can lead elsewhere. Writes are synchronous: a package
 * has thousands of small files, and handing each to a thread costs many times the write. The caller yields between batches of 64 KiB.
 */
export class FolderWriter {
  readonly #folder: string;
  readonly #folders = new Set<string>();
  readonly #files: string[] = [];
  #file: number | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#folders.add(folder);
  }

  /** Makes the folder; throws BAD_REQUEST when there is anything of that name, NOT_FOUND when its parent is missing. */
  static async create(folder: string): Promise<FolderWriter> {
    try {
      await mkdir(folder);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') {
        throw new SoukError('BAD_REQUEST', `${folder} exists already.`, { hint: 'Choose a folder that does not exist yet.', cause: error });
      }
      throw storageError(error, `Making ${folder}`);
    }
    return new FolderWriter(resolve(folder));
  }

  /** Takes the next event of an archive; paths have passed the archive policy. Throws what the system says. */
  take(event: ArchiveEvent): void {
    if (event.kind === 'file') this.#open(event.path, event.mode);
    else if (this.#file === undefined) return;
    else if (event.kind === 'data') writeFileSync(this.#file, event.bytes);
    else this.#close(this.#file);
  }

  /** Makes all files and folders durable: what a power loss right after leaves is whole. */
  async sync(): Promise<void> {
    const waiting = [...this.#files, ...this.#folders, dirname(this.#folder)];
    const work = async (): Promise<void> => {
      for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) await sync(path);
    };
    await Promise.all(Array.from({ length: syncsAtOnce }, work));
  }

  /** Removes everything that was written, and the folder. */
  async remove(): Promise<void> {
    if (this.#file !== undefined) this.#close(this.#file);
    await rm(this.#folder, { recursive: true, force: true });
  }

  #open(path: string, mode: number): void {
    const target = join(this.#folder, path);
    const parent = dirname(target);
    if (!this.#folders.has(parent)) {
      mkdirSync(parent, { recursive: true });
      for (let at = parent; !this.#folders.has(at); at = dirname(at)) this.#folders.add(at);
    }
    this.#file = openSync(target, freshFile, mode);
    this.#files.push(target);
  }

  #close(file: number): void {
    this.#file = undefined;
    closeSync(file);
  }
}
