import { z } from 'zod';
import type { Cid } from '../id/cid.ts';

/** A peer that was known to have a blob, where it was reached, and the zone that it said it is in. */
export const Hint = z.object({ peer: z.string().min(1).max(128), addresses: z.array(z.string().max(256)).max(8), zone: z.string().max(63).optional() });
export type Hint = z.infer<typeof Hint>;

/** How much a hint store keeps, and for how long. */
export interface HintLimits {
  readonly cids: number;
  readonly ms: number;
}

/** The warm cache: 50,000 cids for a day. */
export const warmHintLimits: HintLimits = { cids: 50_000, ms: 24 * 3_600_000 };
/** The hot cache: 2,000 cids for an hour. */
export const hotHintLimits: HintLimits = { cids: 2000, ms: 3_600_000 };

/**
 * Who was known to have a blob. Hints may be wrong and may be lost: a blob's bytes prove themselves, so a hint may outlive the lease that it
 * came from, and it is dropped where it fails. Beyond the limit the cids that were put longest ago give way; one that was asked for since outlives those that were not.
 */
export interface HintStore {
  /** The hints of a cid that are not older than the limit; none when there are none. `now` in milliseconds since 1970. */
  get(cid: Cid, now: number): Promise<readonly Hint[]>;
  /** Puts hints in place of those that a cid had; their age begins now. No hints at all take the cid out. */
  put(cid: Cid, hints: readonly Hint[], now: number): Promise<void>;
  /** Takes out that a peer has a cid. */
  drop(cid: Cid, peer: string): Promise<void>;
  /** Closes; later calls throw UNAVAILABLE. */
  close(): Promise<void>;
}
