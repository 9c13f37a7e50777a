import { blobNotFound, digestOf, isSoukError, sameBytes, sha256Of, sliceEnd, type BlobDraft, type BlobSlice, type BlobStore, type Cid, type PutOptions, type ReleaseBody, type SmallBlob } from '@souk/domain';
import { chunkBytes } from '@souk/p2p';
import { LRUCache } from 'lru-cache';
import type { Healer } from './healer.ts';

/** What the store works on. */
export interface SoundBlobsNeeds {
  readonly blobs: BlobStore;
  readonly healer: Healer;
  readonly releasesOf: (cid: Cid) => Promise<readonly ReleaseBody[]>;
}

/** What a blob has to be; `unknown` when nothing that is true is said of it. */
type Expected = { readonly size: number; readonly chunks: readonly Uint8Array[] } | 'unknown';

/** Blobs of several chunks whose hashes are remembered, and blobs whose beginning was looked at a moment ago. */
const maxRemembered = 500;
const momentMs = 1000;

/**
 * A blob store that never gives damaged bytes: each chunk is compared with its hash before it goes out. A blob that bit rot has spoilt is healed
 * meanwhile, also in the middle of a read, which goes on with the new bytes. Whoever uses it need not know.
 */
export class SoundBlobs implements BlobStore {
  readonly #needs: SoundBlobsNeeds;
  readonly #expected = new LRUCache<Cid, { readonly what: Expected }>({ max: maxRemembered });

  /** Sizes of blobs that `ensure` found sound a moment ago: a download asks before it tells the size, and again when it reads. */
  readonly #ensured = new LRUCache<Cid, number>({ max: maxRemembered, ttl: momentMs });

  constructor(needs: SoundBlobsNeeds) {
    this.#needs = needs;
  }

  async draft(options: PutOptions): Promise<BlobDraft> {
    const draft = await this.#needs.blobs.draft(options);
    const { healer } = this.#needs;
    return {
      get size() {
        return draft.size;
      },
      write: (chunk) => draft.write(chunk),
      read: () => draft.read(),
      abort: () => draft.abort(),
      suspend: () => draft.suspend(),
      left: () => draft.left(),
      commit: async (cid) => {
        await draft.commit(cid);
        healer.replaced(cid);
      },
    };
  }

  async putAll(blobs: readonly SmallBlob[]): Promise<readonly Cid[]> {
    const news = await this.#needs.blobs.putAll(blobs);
    for (const { cid } of blobs) this.#needs.healer.replaced(cid);
    return news;
  }

  async size(cid: Cid): Promise<number | undefined> {
    return this.#needs.healer.isAside(cid) ? undefined : this.#needs.blobs.size(cid);
  }

  /** Makes sure that a blob that is here is whole as far as its size and its first chunk tell, and heals it if not. Throws NO_PROVIDER when it can't be healed. */
  async ensure(cid: Cid): Promise<void> {
    if (this.#needs.healer.isAside(cid)) return this.#needs.healer.heal(cid);
    const size = await this.#needs.blobs.size(cid);
    if (size === undefined || this.#ensured.get(cid) === size) return;
    if (await this.#chunk(cid, 0, size)) this.#ensured.set(cid, size);
    else await this.#needs.healer.heal(cid);
  }

  /** Reads sound bytes only. A damaged blob is healed first; NO_PROVIDER when nobody can give it. */
  async read(cid: Cid, slice: BlobSlice = { offset: 0 }): Promise<AsyncIterable<Uint8Array>> {
    await this.ensure(cid);
    return this.#opened(cid, slice, () => this.#needs.healer.heal(cid));
  }

  async *list(): AsyncIterable<Cid> {
    for await (const cid of this.#needs.blobs.list()) if (!this.#needs.healer.isAside(cid)) yield cid;
  }

  async delete(cid: Cid): Promise<void> {
    await this.#needs.blobs.delete(cid);
    this.#needs.healer.replaced(cid);
  }

  close(): Promise<void> {
    return this.#needs.blobs.close();
  }

  /** The same blobs for other peers, who do not wait: what is damaged is not here, and healed in the background. Two peers would else wait for each other. */
  forPeers(): BlobStore {
    const heal = async (cid: Cid): Promise<never> => {
      // Who asked has been told; what became of it is in the log.
      this.#needs.healer.heal(cid).catch(() => undefined);
      throw blobNotFound(cid);
    };
    const read = async (cid: Cid, slice: BlobSlice = { offset: 0 }): Promise<AsyncIterable<Uint8Array>> => (this.#needs.healer.isAside(cid) ? heal(cid) : this.#opened(cid, slice, () => heal(cid)));
    return { draft: (options) => this.draft(options), putAll: (blobs) => this.putAll(blobs), size: (cid) => this.size(cid), read, list: () => this.list(), delete: (cid) => this.delete(cid), close: () => this.close() };
  }

  async #opened(cid: Cid, slice: BlobSlice, heal: () => Promise<void>): Promise<AsyncIterable<Uint8Array>> {
    const size = await this.size(cid);
    if (size === undefined) throw blobNotFound(cid);
    const end = sliceEnd(slice, size);
    return { [Symbol.asyncIterator]: () => this.#pieces(cid, { size, offset: slice.offset, end }, heal) };
  }

  async *#pieces(cid: Cid, { size, offset, end }: { size: number; offset: number; end: number }, heal: () => Promise<void>): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = offset; at < end; ) {
      const index = Math.floor(at / chunkBytes);
      let chunk = await this.#chunk(cid, index, size);
      if (!chunk) {
        await heal();
        chunk = await this.#chunk(cid, index, size);
      }
      if (!chunk) throw blobNotFound(cid);
      const from = index * chunkBytes;
      yield chunk.subarray(at - from, Math.min(end - from, chunk.length));
      at = from + chunk.length;
    }
  }

  /** A chunk as it lies on the disk, undefined when it, or the blob's size, is not what it has to be. */
  async #chunk(cid: Cid, index: number, size: number): Promise<Uint8Array | undefined> {
    const expected = await this.#expect(cid, size);
    if (expected === 'unknown') return this.#readChunk(cid, index, size);
    const bytes = expected.size === size ? await this.#readChunk(cid, index, size) : undefined;
    const hash = expected.chunks[index];
    if (bytes && hash && sameBytes(sha256Of(bytes), hash)) return bytes;
    // When the whole blob has its cid after all, the release is wrong and is not asked again.
    if (!(await this.#needs.healer.isSound(cid))) return undefined;
    this.#expected.set(cid, { what: 'unknown' });
    return this.#readChunk(cid, index, size);
  }

  async #readChunk(cid: Cid, index: number, size: number): Promise<Uint8Array | undefined> {
    const offset = index * chunkBytes;
    const length = Math.min(chunkBytes, size - offset);
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of await this.#needs.blobs.read(cid, { offset, length })) pieces.push(piece);
    } catch (error) {
      if (isSoukError(error) && (error.code === 'STORAGE_CORRUPT' || error.code === 'RANGE_NOT_SATISFIABLE')) return undefined;
      throw error;
    }
    const bytes = new Uint8Array(Buffer.concat(pieces));
    return bytes.length === length ? bytes : undefined;
  }

  /** What a blob has to be: a small one what its cid says, a larger one what its first release says. */
  async #expect(cid: Cid, size: number): Promise<Expected> {
    const known = this.#expected.get(cid);
    if (known) return known.what;
    if (size <= chunkBytes) return { size, chunks: [digestOf(cid)] };
    const [release] = await this.#needs.releasesOf(cid);
    if (!release) return 'unknown';
    const what = { size: release.size, chunks: release.chunks };
    this.#expected.set(cid, { what });
    return what;
  }
}
