import { SoukError } from '../errors/souk-error.ts';
import { blobCid, sha256Of, type Cid } from '../id/cid.ts';
import type { BlobSlice, SmallBlob } from './blob-store.ts';

/** BLOB_NOT_FOUND: this store does not hold the blob. */
export function blobNotFound(cid: Cid): SoukError {
  return new SoukError('BLOB_NOT_FOUND', `The blob ${cid} is not here.`, { hint: 'It may arrive from another peer; try again.', details: { cid } });
}

/** TOO_LARGE: a draft got more than its limit. */
export function blobTooLarge(maxBytes: number): SoukError {
  return new SoukError('TOO_LARGE', `The blob has more than ${maxBytes} bytes, which is the limit.`, { hint: 'Publish fewer or smaller files, or raise the limit of the site.', details: { limit: maxBytes } });
}

/** CID_MISMATCH: the bytes are not those that the cid names. */
export function cidMismatch(expected: Cid, actual: Cid): SoukError {
  return new SoukError('CID_MISMATCH', `The bytes have the cid ${actual}, not ${expected}.`, { hint: 'They were altered or cut on the way; send them again.', details: { expected, actual } });
}

/** Throws CID_MISMATCH when the bytes of any of the blobs are not those that its cid names. */
export function requireNamedBytes(blobs: readonly SmallBlob[]): void {
  for (const { cid, bytes } of blobs) {
    const actual = blobCid(sha256Of(bytes));
    if (actual !== cid) throw cidMismatch(cid, actual);
  }
}

/** UNAVAILABLE: the draft was committed, aborted or its store was closed. */
export function blobDraftEnded(): SoukError {
  return new SoukError('UNAVAILABLE', 'This blob is no longer being written.', { hint: 'Begin it again.' });
}

/**
 * The end of a slice (exclusive) in a blob of `size` bytes; a length beyond the end is cut.
 * An offset that is the end itself gives no bytes. Throws RANGE_NOT_SATISFIABLE for one that is negative, beyond the end or no integer.
 */
export function sliceEnd(slice: BlobSlice, size: number): number {
  const { offset, length = size } = slice;
  if (!Number.isSafeInteger(offset) || offset < 0 || offset > size || !Number.isSafeInteger(length) || length < 0) {
    throw new SoukError('RANGE_NOT_SATISFIABLE', `The blob has ${size} bytes; ${length} from ${offset} can't be read.`, { hint: 'Ask for a range inside the blob.', details: { size } });
  }
  return Math.min(size, offset + length);
}
