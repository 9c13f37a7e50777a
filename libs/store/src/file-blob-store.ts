import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { open, opendir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { blobNotFound, Cid, requireNamedBytes, sliceEnd, SoukError, storeClosed, throwIfAborted } from '@souk/domain';
import type { BlobDraft, BlobSlice, BlobStore, PutOptions, SmallBlob } from '@souk/domain';
import { BlobBatches } from './blob-batches.ts';
import { blobPath, blobPlaces, shardOf, type BlobPlaces } from './blob-places.ts';
import { makeFolder, syncFolder } from './durable-file.ts';
import { FileBlobDraft } from './file-blob-draft.ts';
import { LeftDrafts, mayBeResumed } from './left-drafts.ts';
import { lockExclusively, lockShared, type FileLock } from './file-lock.ts';
import { filePieces } from './file-pieces.ts';
import { storageCode, storageError, storing, storingSync } from './storage-error.ts';

/** How a blob store works. */
export interface BlobStoreOptions {
  /** For a thread of its own: looks at files without giving others a turn, which takes a tenth of the time. */
  readonly isAlone?: boolean;
}

/**
 * Opens the blobs in a folder: `blobs/XY/CID`, where XY are the cid's last two characters (all cids begin alike), `drafts/`, and `batches/`
 * for blobs that were kept together. What a crash left is cleaned up, unless another process or thread has the folder open: several may share it.
 * Throws STORAGE_DENIED, STORAGE_FULL, STORAGE_LOCKED.
 */
export async function openBlobStore(folder: string, options: BlobStoreOptions = {}): Promise<BlobStore> {
  const places = blobPlaces(folder);
  await storing(`Creating ${folder}`, async () => {
    for (const one of [places.blobs, places.drafts, places.batches]) await makeFolder(one);
  });
  const batches = new BlobBatches(places);
  return new FileBlobStore(places, batches, shareDrafts(folder, places.drafts, batches), options);
}

/** Deletes drafts that can't be resumed and gives the blobs of left batches their files when nobody else has the folder open, then keeps others from doing so while we write. */
function shareDrafts(folder: string, drafts: string, batches: BlobBatches): FileLock {
  const file = join(folder, 'drafts.lock');
  const sole = lockExclusively(file);
  if (sole) {
    try {
      storingSync('Deleting unfinished blobs', () => {
        for (const name of readdirSync(drafts).filter((one) => !mayBeResumed(one))) rmSync(join(drafts, name), { recursive: true, force: true });
        new LeftDrafts(drafts).tidy();
      });
      storingSync('Restoring blobs', () => batches.recover());
    } finally {
      sole.release();
    }
  }
  const shared = lockShared(file);
  if (!shared) throw new SoukError('STORAGE_LOCKED', `Another process is starting on the blobs in ${folder}.`, { hint: 'Try again when it has started.' });
  return shared;
}

/** Blobs in files. */
class FileBlobStore implements BlobStore {
  readonly #places: BlobPlaces;
  readonly #batches: BlobBatches;
  readonly #lock: FileLock;
  readonly #look: (path: string) => Promise<{ readonly size: number }>;
  readonly #open = new Set<FileBlobDraft>();
  readonly #leftDrafts: LeftDrafts;
  /** Blobs that have their name but not yet durably: they become visible when this ends. */
  readonly #settling = new Map<Cid, Promise<void>>();
  readonly #shards = new Map<string, Promise<void>>();
  /** Blobs that have their name, but it could not be made durable: nobody is told that they are here before it is. */
  readonly #unsettled = new Set<Cid>();
  #closed = false;

  constructor(places: BlobPlaces, batches: BlobBatches, lock: FileLock, { isAlone = false }: BlobStoreOptions) {
    this.#look = isAlone ? async (path) => statSync(path) : stat;
    this.#places = places;
    this.#leftDrafts = new LeftDrafts(places.drafts);
    this.#batches = batches;
    this.#lock = lock;
  }

  async draft(options: PutOptions): Promise<BlobDraft> {
    this.#check();
    throwIfAborted(options.signal, 'Writing a blob');
    const { resume } = options;
    const left = resume && (await this.#leftDrafts.take(resume));
    const path = resume ? this.#leftDrafts.begin(resume) : join(this.#places.drafts, randomBytes(16).toString('hex'));
    const handle = await storing('Writing a blob', () => open(path, 'wx', 0o600));
    const end = (): void => {
      this.#open.delete(draft);
      for (const one of resume ? [path, left?.path ?? path] : []) this.#leftDrafts.end(one);
    };
    const draft: FileBlobDraft = new FileBlobDraft({ path, handle, left }, options, { keep: (from, cid) => this.#keep(from, cid), end });
    this.#open.add(draft);
    if (this.#closed) await draft.abort();
    this.#check();
    return draft;
  }

  async putAll(blobs: readonly SmallBlob[]): Promise<readonly Cid[]> {
    this.#check();
    requireNamedBytes(blobs);
    return blobs.length === 0 ? [] : storingSync('Writing blobs', () => this.#batches.keep(blobs));
  }

  async size(cid: Cid): Promise<number | undefined> {
    this.#check();
    await this.#settled(cid);
    const size = await this.#size(cid);
    if (size !== undefined && this.#unsettled.has(cid)) await storing('Writing a blob', () => this.#settle(cid));
    return size;
  }

  async read(cid: Cid, slice: BlobSlice = { offset: 0 }): Promise<AsyncIterable<Uint8Array>> {
    this.#check();
    await this.#settled(cid);
    const size = await this.#size(cid);
    if (size === undefined) throw blobNotFound(cid);
    const end = sliceEnd(slice, size);
    return { [Symbol.asyncIterator]: () => this.#pieces(cid, slice.offset, end) };
  }

  async *list(): AsyncIterable<Cid> {
    this.#check();
    try {
      for (const shard of await readdir(this.#places.blobs, { withFileTypes: true })) {
        if (shard.isDirectory()) yield* this.#listShard(join(this.#places.blobs, shard.name));
      }
    } catch (error) {
      throw storageError(error, 'Listing the blobs');
    }
  }

  async delete(cid: Cid): Promise<void> {
    this.#check();
    await this.#settled(cid);
    await storing('Deleting a blob', async () => {
      await this.#batches.forget(cid);
      try {
        await rm(this.#path(cid));
      } catch (error) {
        if (storageCode(error) === 'ENOENT') return;
        throw error;
      }
      this.#unsettled.delete(cid);
      await syncFolder(this.#shard(cid));
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#open].map((draft) => draft.suspend()));
    await Promise.allSettled(this.#settling.values());
    await this.#batches.close();
    this.#lock.release();
  }

  async *#listShard(shard: string): AsyncIterable<Cid> {
    for await (const entry of await opendir(shard)) {
      const cid = Cid.safeParse(entry.name);
      if (!cid.success) continue;
      await this.#settled(cid.data);
      yield cid.data;
    }
  }

  async *#pieces(cid: Cid, start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* filePieces(this.#path(cid), start, end);
    } catch (error) {
      if (storageCode(error) === 'ENOENT') throw blobNotFound(cid);
      throw storageError(error, 'Reading a blob');
    }
  }

  async #keep(from: string, cid: Cid): Promise<void> {
    const done = this.#place(from, cid);
    this.#settling.set(cid, done);
    try {
      await done;
    } finally {
      if (this.#settling.get(cid) === done) this.#settling.delete(cid);
    }
  }

  async #place(from: string, cid: Cid): Promise<void> {
    await this.#makeShard(this.#shard(cid));
    await rename(from, this.#path(cid));
    // Not taken back when it fails: the blob may have been here before, and have been acknowledged.
    this.#unsettled.add(cid);
    await this.#settle(cid);
  }

  async #settle(cid: Cid): Promise<void> {
    await syncFolder(this.#shard(cid));
    this.#unsettled.delete(cid);
  }

  async #size(cid: Cid): Promise<number | undefined> {
    try {
      return (await this.#look(this.#path(cid))).size;
    } catch (error) {
      if (storageCode(error) === 'ENOENT') return undefined;
      throw storageError(error, 'Reading a blob');
    }
  }

  /** Creates a shard and makes its name durable, once per process, because a crash may have come between the two. */
  async #makeShard(shard: string): Promise<void> {
    let made = this.#shards.get(shard);
    if (!made) {
      made = makeFolder(shard).then(() => syncFolder(this.#places.blobs));
      this.#shards.set(shard, made);
    }
    try {
      await made;
    } catch (error) {
      this.#shards.delete(shard);
      throw error;
    }
  }

  async #settled(cid: Cid): Promise<void> {
    await this.#settling.get(cid)?.catch(() => undefined);
  }

  #shard(cid: Cid): string {
    return shardOf(this.#places, cid);
  }

  #path(cid: Cid): string {
    return blobPath(this.#places, cid);
  }

  #check(): void {
    if (this.#closed) throw storeClosed('blob store');
  }
}
