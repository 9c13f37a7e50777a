import { digestOf, sameBytes, SoukError, type Cid } from '@souk/domain';

/** Bytes of a chunk; the last one of a blob may be shorter. */
export const chunkBytes = 1_048_576;

/** Which blob to fetch, and how to check it piece by piece. */
export interface FetchPlan {
  readonly cid: Cid;
  /** Bytes of the blob. */
  readonly size: number;
  /** SHA-256 of each 1 MiB slice, as its release says. */
  readonly chunks: readonly Uint8Array[];
}

/** Where a chunk lies in its blob. */
export function sliceOf(plan: FetchPlan, index: number): { offset: number; length: number } {
  const offset = index * chunkBytes;
  return { offset, length: Math.min(chunkBytes, plan.size - offset) };
}

/**
 * Checks that a plan can be carried out. Throws TOO_LARGE, and CID_MISMATCH for a plan whose parts contradict each other: then the
 * release is wrong, and no provider should be blamed for it.
 */
export function checkPlan(plan: FetchPlan, maxBytes: number): void {
  const { cid, size, chunks } = plan;
  if (size > maxBytes) throw new SoukError('TOO_LARGE', `The blob ${cid} has ${size} bytes; the limit is ${maxBytes}.`, { hint: 'Raise the limit of the site to fetch it.', details: { cid, limit: maxBytes } });
  if (chunks.length !== Math.ceil(size / chunkBytes)) throw wrongPlan(cid, `names ${chunks.length} chunks for ${size} bytes`);
  const [only] = chunks;
  if (only && chunks.length === 1 && !sameBytes(only, digestOf(cid))) throw wrongPlan(cid, 'names another hash for its only chunk');
}

/** CID_MISMATCH: what a release says of a blob can't be true. */
export function wrongPlan(cid: Cid, why: string): SoukError {
  return new SoukError('CID_MISMATCH', `The release of blob ${cid} ${why}.`, { hint: 'Its publisher signed something that is wrong; ask for another version.', details: { cid } });
}
