import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { siteLogFolder } from './data-folder.ts';
import { makeFolder, syncFolder } from './durable-file.ts';
import { storing } from './storage-error.ts';

const doing = 'Restoring';
/** Files whose way to the disk is waited for together. */
const parallel = 16;

/**
 * Keys that sign no record. Any other key may have written records that the backup does not know; used again it would write others in
 * their place, which is a fork.
 */
const signsNothing: ReadonlySet<string> = new Set(['keys/peer', 'keys/network']);

/** Writes the files of a backup into a folder, each readable by its owner only, and durable at the end. */
export class RestoredFiles {
  readonly #folder: string;
  readonly #syncing = new Set<Promise<void>>();
  /** Paths of keys that were put aside. */
  readonly aside: string[] = [];
  #open: FileHandle | undefined;
  #failure: unknown;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Begins a file; a part of the logs goes on with the same one. */
  async begin(path: string): Promise<void> {
    const to = join(this.#folder, this.#placeOf(path));
    await storing(doing, async () => {
      if (dirname(to) !== this.#folder) await mkdir(dirname(to), { recursive: true, mode: 0o700 });
      this.#open = await open(to, 'a', 0o600);
    });
  }

  /** Writes the next bytes of the file that was begun. */
  async write(bytes: Uint8Array): Promise<void> {
    await storing(doing, async () => this.#open?.appendFile(bytes));
  }

  /** Ends the file that was begun. */
  async end(): Promise<void> {
    const handle = this.#open;
    this.#open = undefined;
    if (!handle) return;
    const synced = handle
      .sync()
      .then(() => handle.close())
      .catch((error: unknown) => void (this.#failure ??= error))
      .finally(() => this.#syncing.delete(synced));
    this.#syncing.add(synced);
    if (this.#syncing.size >= parallel) await Promise.race(this.#syncing);
  }

  /** Resolves when every file is on disk. Throws STORAGE_FULL, STORAGE_DENIED, STORAGE_CORRUPT. */
  async settled(): Promise<void> {
    await this.#open?.close();
    await Promise.all(this.#syncing);
    await storing(doing, async () => {
      if (this.#failure !== undefined) throw this.#failure;
      for (const name of ['keys', siteLogFolder]) await makeFolder(join(this.#folder, name));
      await syncFolder(join(this.#folder, siteLogFolder));
    });
  }

  #placeOf(path: string): string {
    if (path.startsWith('logs.db.')) return 'logs.db';
    if (path.startsWith('site-log.db.')) return join(siteLogFolder, 'logs.db');
    if (!path.startsWith('keys/') || signsNothing.has(path)) return path;
    this.aside.push(path);
    return join('set-aside', path);
  }
}
