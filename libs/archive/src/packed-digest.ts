import { createHash, hash, type Hash } from 'node:crypto';
import { blobCid, SoukError, type Cid } from '@souk/domain';
import { sliceBytes } from './slices.ts';

/** Bytes of a chunk: the unit in which peers fetch and check a blob. */
export const archiveChunkBytes = 1_048_576;

/** What names the bytes of an archive. */
export interface PackedSummary {
  readonly cid: Cid;
  /** Subresource integrity as npm writes it: `sha512-` and base64. */
  readonly integrity: string;
  /** 32 bytes. */
  readonly sha256: Uint8Array;
  /** Bytes of the archive file. */
  readonly size: number;
  /** SHA-256 of each slice of `archiveChunkBytes`, the last one shorter. */
  readonly chunks: readonly Uint8Array[];
}

/** All hashes of an archive's bytes, made while they stream by. Feed it slices of `slicesOf`. */
export class PackedDigest {
  readonly #maxBytes: number;
  readonly #sha256 = createHash('sha256');
  readonly #sha512 = createHash('sha512');
  readonly #chunks: Uint8Array[] = [];
  #chunk: Hash | undefined;
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** Takes the next slice; throws TOO_LARGE beyond the limit. */
  update(slice: Uint8Array): void {
    if (this.#size + slice.length > this.#maxBytes) {
      throw new SoukError('TOO_LARGE', `The archive is larger than ${this.#maxBytes} bytes.`, {
        hint: 'Leave files out with "files" in package.json or .npmignore, or raise the limit of the site.',
        details: { maxBytes: this.#maxBytes },
      });
    }
    this.#size += slice.length;
    this.#sha256.update(slice);
    this.#sha512.update(slice);
    this.#chunk ??= createHash('sha256');
    this.#chunk.update(slice);
    if (this.#size % archiveChunkBytes === 0 || slice.length < sliceBytes) this.#endChunk();
  }

  /** The summary; call it once, after the last slice. */
  finish(): PackedSummary {
    this.#endChunk();
    const sha256 = new Uint8Array(this.#sha256.digest());
    return { cid: blobCid(sha256), integrity: `sha512-${this.#sha512.digest('base64')}`, sha256, size: this.#size, chunks: this.#chunks };
  }

  #endChunk(): void {
    if (this.#chunk) this.#chunks.push(new Uint8Array(this.#chunk.digest()));
    this.#chunk = undefined;
  }
}

/** The summary of bytes that are in memory; a small archive is one chunk, so that one hash is its chunk's, too. */
export function summaryOf(bytes: Uint8Array): PackedSummary {
  if (bytes.length > 0 && bytes.length <= archiveChunkBytes) {
    const sha256 = new Uint8Array(hash('sha256', bytes, 'buffer'));
    return { cid: blobCid(sha256), integrity: `sha512-${hash('sha512', bytes, 'base64')}`, sha256, size: bytes.length, chunks: [new Uint8Array(sha256)] };
  }
  const digest = new PackedDigest(bytes.length);
  for (let at = 0; at < bytes.length; at += sliceBytes) digest.update(bytes.subarray(at, at + sliceBytes));
  return digest.finish();
}
