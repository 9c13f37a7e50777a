import type { BlobDraft, Cid } from '@souk/domain';
import { blobCid, sha256Of } from '@souk/domain';

/** All bytes of a stream in one. */
export async function gather(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

/** All values of a stream. */
export async function toArray<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

/** Bytes that look random and are the same for the same seed. */
export function bytesOf(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** The cid of bytes. */
export function cidOf(bytes: Uint8Array): Cid {
  return blobCid(sha256Of(bytes));
}

/** Writes bytes in pieces of at most `pieceBytes`. */
export async function writeIn(draft: BlobDraft, bytes: Uint8Array, pieceBytes = 10_000): Promise<void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) await draft.write(bytes.subarray(at, at + pieceBytes));
}
