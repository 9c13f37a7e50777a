import { blobNotFound, type BlobDraft, type BlobLedger, type BlobSlice, type BlobStore, type Cid, type PutOptions, type SmallBlob } from '@souk/domain';
import type { Evictor } from './evictor.ts';
import type { RoomKeeper } from './room-keeper.ts';

/** What the store works on. */
export interface RetainedBlobsNeeds {
  readonly blobs: BlobStore;
  readonly ledger: Pick<BlobLedger, 'put' | 'putAll' | 'used'>;
  readonly evictor: Pick<Evictor, 'isLeaving' | 'left' | 'drop'>;
  readonly room: Pick<RoomKeeper, 'take' | 'give' | 'require' | 'tidy'>;
  readonly now: () => number;
  /** Hears that the ledger could not be written, so that it has to be levelled. */
  readonly onUneven: (error: unknown) => void;
  /** Hears why cached blobs could not be evicted in time. */
  readonly onUntidy: (error: unknown) => void;
}

/** A blob store that keeps the room that blobs may take: writes wait for evictions or are STORAGE_FULL, reads are noted as uses. Whoever uses it need not know. */
export class RetainedBlobs implements BlobStore {
  readonly #needs: RetainedBlobsNeeds;

  constructor(needs: RetainedBlobsNeeds) {
    this.#needs = needs;
  }

  async draft(options: PutOptions): Promise<BlobDraft> {
    const { blobs, room } = this.#needs;
    await room.require(0);
    return new RetainedDraft(await blobs.draft(options), this.#needs);
  }

  async putAll(blobs: readonly SmallBlob[]): Promise<readonly Cid[]> {
    const { room, ledger, evictor, now, onUneven, onUntidy } = this.#needs;
    const bytes = blobs.reduce((sum, one) => sum + one.bytes.length, 0);
    await room.take(bytes);
    try {
      await Promise.all(blobs.map(({ cid }) => evictor.left(cid)));
      const news = await this.#needs.blobs.putAll(blobs);
      await ledger.putAll(blobs.map(({ cid, bytes }) => ({ cid, size: bytes.length })), now()).catch(onUneven);
      return news;
    } finally {
      room.give(bytes);
      void room.tidy().catch(onUntidy);
    }
  }

  async size(cid: Cid): Promise<number | undefined> {
    return this.#needs.evictor.isLeaving(cid) ? undefined : this.#needs.blobs.size(cid);
  }

  async read(cid: Cid, slice?: BlobSlice): Promise<AsyncIterable<Uint8Array>> {
    const { blobs, evictor, ledger, now } = this.#needs;
    if (evictor.isLeaving(cid)) throw blobNotFound(cid);
    const bytes = await blobs.read(cid, slice);
    ledger.used(cid, now());
    return bytes;
  }

  async *list(): AsyncIterable<Cid> {
    for await (const cid of this.#needs.blobs.list()) if (!this.#needs.evictor.isLeaving(cid)) yield cid;
  }

  async delete(cid: Cid): Promise<void> {
    const { blobs, evictor } = this.#needs;
    if (!(await evictor.drop(cid, ['pinned', 'cached', 'unnamed']))) await blobs.delete(cid);
  }

  close(): Promise<void> {
    return this.#needs.blobs.close();
  }
}

/** A blob being written, whose room is taken as it grows. */
class RetainedDraft implements BlobDraft {
  readonly #draft: BlobDraft;
  readonly #needs: RetainedBlobsNeeds;
  #taken = 0;

  constructor(draft: BlobDraft, needs: RetainedBlobsNeeds) {
    this.#draft = draft;
    this.#needs = needs;
  }

  get size(): number {
    return this.#draft.size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      await this.#needs.room.take(chunk.length);
    } catch (error) {
      // A draft that there is no room for frees at once what it has.
      await this.abort();
      throw error;
    }
    this.#taken += chunk.length;
    await this.#draft.write(chunk);
  }

  read(): AsyncIterable<Uint8Array> {
    return this.#draft.read();
  }

  async commit(cid: Cid): Promise<void> {
    const { ledger, evictor, room, now, onUneven, onUntidy } = this.#needs;
    const { size } = this.#draft;
    await evictor.left(cid);
    try {
      await this.#draft.commit(cid);
      await ledger.put(cid, size, now()).catch(onUneven);
    } finally {
      this.#give();
    }
    void room.tidy().catch(onUntidy);
  }

  async abort(): Promise<void> {
    try {
      await this.#draft.abort();
    } finally {
      this.#give();
    }
  }

  async suspend(): Promise<void> {
    try {
      await this.#draft.suspend();
    } finally {
      this.#give();
    }
  }

  left(): AsyncIterable<Uint8Array> {
    return this.#draft.left();
  }

  #give(): void {
    this.#needs.room.give(this.#taken);
    this.#taken = 0;
  }
}
