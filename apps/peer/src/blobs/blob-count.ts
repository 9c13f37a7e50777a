import type { BlobStore } from '@souk/domain';

/** How many blobs are held: counted once, then kept level by whoever keeps a new one. */
export class BlobCount {
  readonly #blobs: Pick<BlobStore, 'list'>;
  #counted: Promise<number> | undefined;
  #since = 0;

  constructor(blobs: Pick<BlobStore, 'list'>) {
    this.#blobs = blobs;
  }

  /** Blobs were kept that were not there before. */
  added(blobs = 1): void {
    if (this.#counted) this.#since += blobs;
  }

  /** The number of blobs. */
  async value(): Promise<number> {
    this.#counted ??= this.#count();
    return (await this.#counted) + this.#since;
  }

  async #count(): Promise<number> {
    let count = 0;
    for await (const _cid of this.#blobs.list()) count += 1;
    return count;
  }
}
