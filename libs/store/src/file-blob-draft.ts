import { createHash, type Hash } from 'node:crypto';
import { rm, type FileHandle } from 'node:fs/promises';
import { blobCid, blobDraftEnded, blobTooLarge, cidMismatch, throwIfAborted } from '@souk/domain';
import type { BlobDraft, Cid, PutOptions } from '@souk/domain';
import { filePieces } from './file-pieces.ts';
import type { LeftDraft } from './left-drafts.ts';
import { storageError, storing } from './storage-error.ts';

const doing = 'Writing a blob';

/** What a draft asks of its store. */
export interface DraftOwner {
  /** Moves the draft's synced file to its place, durably. */
  keep(path: string, cid: Cid): Promise<void>;
  /** The draft is over. */
  end(): void;
}

/** A blob that is being written to a file; its hash is computed on the way. A draft that fails is thrown away at once, so that it frees its space. */
export class FileBlobDraft implements BlobDraft {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #left: LeftDraft | undefined;
  readonly #options: PutOptions;
  readonly #owner: DraftOwner;
  readonly #hash: Hash = createHash('sha256');
  #size = 0;
  #ended = false;

  constructor(file: { path: string; handle: FileHandle; left?: LeftDraft | undefined }, options: PutOptions, owner: DraftOwner) {
    this.#path = file.path;
    this.#handle = file.handle;
    this.#left = file.left;
    this.#options = options;
    this.#owner = owner;
  }

  get size(): number {
    return this.#size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#open();
    const { maxBytes, signal } = this.#options;
    throwIfAborted(signal, doing);
    if (this.#size + chunk.length > maxBytes) throw blobTooLarge(maxBytes);
    const position = this.#size;
    this.#size += chunk.length;
    this.#hash.update(chunk);
    try {
      await writeAll(this.#handle, chunk, position);
    } catch (error) {
      await this.abort();
      throw storageError(error, doing);
    }
  }

  async *read(): AsyncIterable<Uint8Array> {
    this.#open();
    yield* filePieces(this.#path, 0, this.#size);
  }

  async commit(cid: Cid): Promise<void> {
    this.#open();
    throwIfAborted(this.#options.signal, doing);
    this.#ended = true;
    try {
      const actual = blobCid(this.#hash.digest());
      if (actual !== cid) throw cidMismatch(cid, actual);
      await this.#handle.sync();
      await this.#handle.close();
      await this.#owner.keep(this.#path, cid);
      await this.#dropLeft();
      this.#owner.end();
    } catch (error) {
      await this.#discard();
      throw storageError(error, doing);
    }
  }

  async abort(leavesLeft = false): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await storing('Throwing a blob away', () => this.#discard(leavesLeft));
  }

  async suspend(): Promise<void> {
    if (this.#ended) return;
    if (this.#options.resume === undefined || this.#size <= (this.#left?.size ?? 0)) return this.abort(true);
    this.#ended = true;
    try {
      await storing('Putting a blob aside', async () => {
        await this.#handle.close();
        await this.#dropLeft();
      });
    } finally {
      this.#owner.end();
    }
  }

  async *left(): AsyncIterable<Uint8Array> {
    this.#open();
    if (this.#left) yield* filePieces(this.#left.path, 0, this.#left.size);
  }

  async #dropLeft(): Promise<void> {
    if (this.#left) await rm(this.#left.path, { force: true });
  }

  async #discard(leavesLeft = false): Promise<void> {
    try {
      await this.#handle.close();
      await rm(this.#path, { force: true });
      if (!leavesLeft) await this.#dropLeft();
    } finally {
      this.#owner.end();
    }
  }

  #open(): void {
    if (this.#ended) throw blobDraftEnded();
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += (await handle.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}
