import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { open, opendir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { blobNotFound, Cid, sliceEnd, SoukError, storeClosed, throwIfAborted } from '@souk/domain';
import type { BlobDraft, BlobSlice, BlobStore, PutOptions } from '@souk/domain';
import { makeFolder, syncFolder } from './durable-file.ts';
import { FileBlobDraft } from './file-blob-draft.ts';
import { lockExclusively, lockShared, type FileLock } from './file-lock.ts';
import { filePieces } from './file-pieces.ts';
import { storageCode, storageError, storing, storingSync } from './storage-error.ts';

/**
 * Opens the blobs in a folder: `blobs/XY/CID`, where XY are the cid's last two characters (all cids begin alike), and `drafts/`.
 * Drafts that a crash left are deleted, unless another process has the folder open: several may share it.
 * Throws STORAGE_DENIED, STORAGE_FULL, STORAGE_LOCKED.
 */
export async function openBlobStore(folder: string): Promise<BlobStore> {
  const blobs = join(folder, 'blobs');
  const drafts = join(folder, 'drafts');
  await storing(`Creating ${folder}`, async () => {
    await makeFolder(blobs);
    await makeFolder(drafts);
  });
  return new FileBlobStore(blobs, drafts, shareDrafts(folder, drafts));
}

/** Deletes left drafts when nobody else has the folder open, then keeps others from doing so while we write. */
function shareDrafts(folder: string, drafts: string): FileLock {
  const file = join(folder, 'drafts.lock');
  const sole = lockExclusively(file);
  if (sole) {
    try {
      storingSync('Deleting unfinished blobs', () => {
        for (const name of readdirSync(drafts)) rmSync(join(drafts, name), { recursive: true, force: true });
      });
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
  readonly #blobs: string;
  readonly #drafts: string;
  readonly #lock: FileLock;
  readonly #open = new Set<FileBlobDraft>();
  /** Blobs that have their name but not yet durably: they become visible when this ends. */
  readonly #settling = new Map<Cid, Promise<void>>();
  readonly #shards = new Map<string, Promise<void>>();
  #closed = false;

  constructor(blobs: string, drafts: string, lock: FileLock) {
    this.#blobs = blobs;
    this.#drafts = drafts;
    this.#lock = lock;
  }

  async draft(options: PutOptions): Promise<BlobDraft> {
    this.#check();
    throwIfAborted(options.signal, 'Writing a blob');
    const path = join(this.#drafts, randomBytes(16).toString('hex'));
    const handle = await storing('Writing a blob', () => open(path, 'wx', 0o600));
    const draft: FileBlobDraft = new FileBlobDraft({ path, handle }, options, {
      keep: (from, cid) => this.#keep(from, cid),
      end: () => this.#open.delete(draft),
    });
    this.#open.add(draft);
    if (this.#closed) await draft.abort();
    this.#check();
    return draft;
  }

  async size(cid: Cid): Promise<number | undefined> {
    this.#check();
    await this.#settled(cid);
    try {
      return (await stat(this.#path(cid))).size;
    } catch (error) {
      if (storageCode(error) === 'ENOENT') return undefined;
      throw storageError(error, 'Reading a blob');
    }
  }

  async read(cid: Cid, slice: BlobSlice = { offset: 0 }): Promise<AsyncIterable<Uint8Array>> {
    const size = await this.size(cid);
    if (size === undefined) throw blobNotFound(cid);
    const end = sliceEnd(slice, size);
    return { [Symbol.asyncIterator]: () => this.#pieces(cid, slice.offset, end) };
  }

  async *list(): AsyncIterable<Cid> {
    this.#check();
    try {
      for (const shard of await readdir(this.#blobs, { withFileTypes: true })) {
        if (shard.isDirectory()) yield* this.#listShard(join(this.#blobs, shard.name));
      }
    } catch (error) {
      throw storageError(error, 'Listing the blobs');
    }
  }

  async delete(cid: Cid): Promise<void> {
    this.#check();
    await this.#settled(cid);
    await storing('Deleting a blob', async () => {
      try {
        await rm(this.#path(cid));
      } catch (error) {
        if (storageCode(error) === 'ENOENT') return;
        throw error;
      }
      await syncFolder(this.#shard(cid));
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#open].map((draft) => draft.abort()));
    await Promise.allSettled(this.#settling.values());
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
    await syncFolder(this.#shard(cid));
  }

  /** Creates a shard and makes its name durable, once per process, because a crash may have come between the two. */
  async #makeShard(shard: string): Promise<void> {
    let made = this.#shards.get(shard);
    if (!made) {
      made = makeFolder(shard).then(() => syncFolder(this.#blobs));
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
    return join(this.#blobs, cid.slice(-2));
  }

  #path(cid: Cid): string {
    return join(this.#shard(cid), cid);
  }

  #check(): void {
    if (this.#closed) throw storeClosed('blob store');
  }
}
