import { createHash, type Hash } from 'node:crypto';
import { throwIfAborted } from '../errors/abort.ts';
import { blobCid, type Cid } from '../id/cid.ts';
import { blobDraftEnded, blobNotFound, blobTooLarge, cidMismatch, requireNamedBytes, sliceEnd } from './blob-refusal.ts';
import type { BlobDraft, BlobSlice, BlobStore, PutOptions, SmallBlob } from './blob-store.ts';
import { storeClosed } from './store-closed.ts';

const pieceBytes = 65_536;

/** A blob store in memory: for tests. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<Cid, Uint8Array>();
  readonly #drafts = new Set<MemoryBlobDraft>();
  readonly #left = new Map<Cid, readonly Uint8Array[]>();
  #closed = false;

  async draft(options: PutOptions): Promise<BlobDraft> {
    this.#open();
    throwIfAborted(options.signal, 'Writing a blob');
    const draft: MemoryBlobDraft = new MemoryBlobDraft(options, {
      keep: (cid, bytes) => this.#blobs.set(cid, bytes),
      end: () => this.#drafts.delete(draft),
      left: this.#left,
    });
    this.#drafts.add(draft);
    return draft;
  }

  async putAll(blobs: readonly SmallBlob[]): Promise<readonly Cid[]> {
    this.#open();
    requireNamedBytes(blobs);
    const news = new Set(blobs.map(({ cid }) => cid).filter((cid) => !this.#blobs.has(cid)));
    for (const { cid, bytes } of blobs) this.#blobs.set(cid, bytes.slice());
    return [...news];
  }

  async size(cid: Cid): Promise<number | undefined> {
    this.#open();
    return this.#blobs.get(cid)?.length;
  }

  async read(cid: Cid, slice: BlobSlice = { offset: 0 }): Promise<AsyncIterable<Uint8Array>> {
    this.#open();
    const bytes = this.#blobs.get(cid);
    if (!bytes) throw blobNotFound(cid);
    return pieces(bytes.subarray(slice.offset, sliceEnd(slice, bytes.length)));
  }

  async *list(): AsyncIterable<Cid> {
    this.#open();
    yield* this.#blobs.keys();
  }

  async delete(cid: Cid): Promise<void> {
    this.#open();
    this.#blobs.delete(cid);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const draft of this.#drafts) await draft.abort();
  }

  #open(): void {
    if (this.#closed) throw storeClosed('blob store');
  }
}

interface DraftOwner {
  keep(cid: Cid, bytes: Uint8Array): void;
  end(): void;
  readonly left: Map<Cid, readonly Uint8Array[]>;
}

class MemoryBlobDraft implements BlobDraft {
  readonly #options: PutOptions;
  readonly #owner: DraftOwner;
  readonly #hash: Hash = createHash('sha256');
  #chunks: Uint8Array[] = [];
  #size = 0;
  #ended = false;

  constructor(options: PutOptions, owner: DraftOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  get size(): number {
    return this.#size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#open();
    const { maxBytes, signal } = this.#options;
    throwIfAborted(signal, 'Writing a blob');
    if (this.#size + chunk.length > maxBytes) throw blobTooLarge(maxBytes);
    this.#chunks.push(chunk.slice());
    this.#hash.update(chunk);
    this.#size += chunk.length;
  }

  async *read(): AsyncIterable<Uint8Array> {
    this.#open();
    for (const chunk of this.#chunks) yield chunk.slice();
  }

  async commit(cid: Cid): Promise<void> {
    this.#open();
    throwIfAborted(this.#options.signal, 'Writing a blob');
    const chunks = this.#chunks;
    const actual = blobCid(this.#hash.digest());
    await this.abort();
    this.#owner.left.delete(cid);
    if (actual !== cid) throw cidMismatch(cid, actual);
    this.#owner.keep(cid, new Uint8Array(Buffer.concat(chunks)));
  }

  async abort(): Promise<void> {
    this.#ended = true;
    this.#chunks = [];
    this.#owner.end();
  }

  async suspend(): Promise<void> {
    const { resume } = this.#options;
    const before = resume === undefined ? 0 : sizeOf(this.#owner.left.get(resume));
    if (resume !== undefined && !this.#ended && this.#size > before) this.#owner.left.set(resume, this.#chunks);
    await this.abort();
  }

  async *left(): AsyncIterable<Uint8Array> {
    this.#open();
    const { resume } = this.#options;
    if (resume !== undefined) for (const chunk of this.#owner.left.get(resume) ?? []) yield chunk.slice();
  }

  #open(): void {
    if (this.#ended) throw blobDraftEnded();
  }
}

function sizeOf(chunks: readonly Uint8Array[] = []): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.slice(at, at + pieceBytes);
}
