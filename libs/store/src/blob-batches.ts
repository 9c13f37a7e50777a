import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { blobCid, sha256Of, type Cid, type SmallBlob } from '@souk/domain';
import { journalCids, readJournal, writeJournal } from './batch-journal.ts';
import { blobPath, shardOf, type BlobPlaces } from './blob-places.ts';
import { syncFolder } from './durable-file.ts';
import { ifPresent } from './storage-error.ts';

/** How a journal is named while its blobs get their files, and when they have them. */
const [placing, placed] = ['.placing', '.placed'];

/** After how long the blobs of a journal are flushed one by one: by then the system has written them by itself, so that it costs little. */
const settleAfterMs = 40_000;
/** Most journals that wait for that; beyond it the oldest is flushed first. A start after a crash reads them all. */
const maxWaiting = 256;
/** Files that are flushed at the same time. */
const parallel = 4;

/**
 * Keeps many small blobs with one flush. They are written to one file, the journal, which is flushed; then each gets a file of its own like
 * any other blob, which is not. While a journal is there, a crash loses nothing: the next start gives every blob of it that is missing or
 * damaged its file again. A while later the files are flushed one by one and the journal goes.
 */
export class BlobBatches {
  readonly #places: BlobPlaces;
  readonly #shards = new Set<string>();
  /** The cids of journals that were looked into. */
  readonly #cids = new Map<string, ReadonlySet<Cid>>();
  #timer: NodeJS.Timeout | undefined;
  #settling: Promise<void> | undefined;

  constructor(places: BlobPlaces) {
    this.#places = places;
  }

  /**
   * Keeps blobs whose hashes were checked; durable and visible when it returns, whole also where a damaged file lay. Returns those that had no file.
   * Throws the system's errors; then some of them may be kept.
   */
  keep(blobs: readonly SmallBlob[]): Cid[] {
    const name = `${String(Date.now()).padStart(15, '0')}-${randomBytes(8).toString('hex')}`;
    const journal = join(this.#places.batches, name + placing);
    try {
      writeJournal(journal, blobs);
      if (process.platform !== 'win32') syncNow(this.#places.batches, 'r');
    } catch (error) {
      rmSync(journal, { force: true });
      throw error;
    }
    const added: Cid[] = [];
    try {
      for (const [index, blob] of blobs.entries()) {
        if (this.#holds(blob)) continue;
        if (!existsSync(blobPath(this.#places, blob.cid))) added.push(blob.cid);
        this.#place(blob, `${name}-${index}`);
      }
    } finally {
      // Also after a failure: the blobs that have their files stand by their journal, and it goes with the others.
      renameSync(journal, join(this.#places.batches, name + placed));
      this.#settleLater();
    }
    return added;
  }

  /** Gives every blob of every journal its file, as after a crash. Only for whoever has the store alone. */
  recover(): void {
    for (const file of readdirSync(this.#places.batches)) {
      const path = join(this.#places.batches, file);
      const blobs = readJournal(path);
      if (!blobs) {
        rmSync(path, { force: true });
        continue;
      }
      const name = nameOf(file);
      for (const [index, blob] of blobs.entries()) if (!this.#holds(blob)) this.#place(blob, `${name}-${index}`);
      // Its writer may have been killed before it was flushed.
      syncNow(path, 'r+');
      renameSync(path, join(this.#places.batches, name + placed));
      this.#settleLater();
    }
  }

  /** Makes sure that no journal brings a blob back which is about to be deleted. */
  async forget(cid: Cid): Promise<void> {
    const waiting = await this.#waiting();
    for (const file of this.#cids.keys()) if (!waiting.includes(file)) this.#cids.delete(file);
    for (const file of waiting) if ((await this.#cidsOf(file)).has(cid)) await this.#settle(file);
  }

  /** Flushes the blobs of all journals, and removes those. */
  async settleAll(): Promise<void> {
    await this.#settling;
    for (const file of await this.#waiting()) await this.#settle(file);
  }

  /** Stops flushing; journals that are left are for the next start. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#settling;
    clearTimeout(this.#timer);
  }

  #place({ cid, bytes }: SmallBlob, name: string): void {
    const shard = shardOf(this.#places, cid);
    if (!this.#shards.has(shard)) mkdirSync(shard, { recursive: true, mode: 0o700 });
    this.#shards.add(shard);
    const draft = join(this.#places.drafts, name);
    writeFileSync(draft, bytes, { flag: 'wx', mode: 0o600 });
    renameSync(draft, blobPath(this.#places, cid));
  }

  #holds({ cid, bytes }: SmallBlob): boolean {
    const path = blobPath(this.#places, cid);
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.size === bytes.length && blobCid(sha256Of(readFileSync(path))) === cid;
  }

  /** Journals whose blobs all have their files, the oldest first. */
  async #waiting(): Promise<string[]> {
    return (await readdir(this.#places.batches)).filter((file) => file.endsWith(placed)).sort();
  }

  async #cidsOf(file: string): Promise<ReadonlySet<Cid>> {
    const known = this.#cids.get(file) ?? new Set(await ifPresent(() => journalCids(join(this.#places.batches, file))) ?? []);
    this.#cids.set(file, known);
    return known;
  }

  #settleLater(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#settling = this.#settleOld()
        // What could not be flushed keeps its journal, so nothing is at stake: it is tried again.
        .then((left) => left, () => true)
        .then((left) => {
          this.#timer = undefined;
          if (left) this.#settleLater();
        });
    }, settleAfterMs / 8);
    this.#timer.unref();
  }

  /** Flushes what is old enough; whether something is left. */
  async #settleOld(): Promise<boolean> {
    const files = await this.#waiting();
    const isDue = (file: string, index: number): boolean => Date.now() - Number(file.split('-')[0]) > settleAfterMs || index < files.length - maxWaiting;
    const due = files.filter(isDue);
    for (const file of due) await this.#settle(file);
    return due.length < files.length;
  }

  async #settle(file: string): Promise<void> {
    const cids = [...(await this.#cidsOf(file))];
    const rest = cids.values();
    const flush = async (): Promise<void> => {
      for (const cid of rest) await ifPresent(() => syncFile(blobPath(this.#places, cid)));
    };
    await Promise.all(Array.from({ length: parallel }, flush));
    for (const shard of new Set(cids.map((cid) => shardOf(this.#places, cid)))) await ifPresent(() => syncFolder(shard));
    await syncFolder(this.#places.blobs);
    await rm(join(this.#places.batches, file), { force: true });
    this.#cids.delete(file);
  }
}

function nameOf(file: string): string {
  return basename(file).replace(placing, '').replace(placed, '');
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function syncNow(path: string, flags: 'r' | 'r+'): void {
  const handle = openSync(path, flags);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
