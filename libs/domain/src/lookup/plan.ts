/** Where a lookup found its answer. `peers`: linked peers said so; `none`: nobody knew. */
export type LookupTier = 'local' | 'hot' | 'warm' | 'super' | 'peers' | 'dht' | 'none';

/** Providers that are enough: with one alone, its failure would cost another lookup. */
export const enoughProviders = 2;

/** What of a lookup is known so far. */
export interface LookupProgress {
  /** Providers found. */
  readonly found: number;
  /** Super-peers that can be asked still. */
  readonly supersLeft: number;
  /** Super-peers that were asked. */
  readonly supersAsked: number;
  /** Whether linked peers were asked. */
  readonly peersAsked: boolean;
  /** Whether the DHT was asked; true also where there is none. */
  readonly dhtAsked: boolean;
}

/** What a lookup does next. */
export type LookupStep = 'super' | 'peers' | 'dht' | 'done';

/**
 * The order of a lookup after this peer's own blobs and caches: one super-peer; a second one when the first knew fewer than two providers;
 * then linked peers and the DHT, only while nobody is found.
 */
export function nextLookupStep(progress: LookupProgress): LookupStep {
  const { found, supersLeft, supersAsked, peersAsked, dhtAsked } = progress;
  if (found < enoughProviders && supersLeft > 0 && supersAsked < 2) return 'super';
  if (found > 0) return 'done';
  if (!peersAsked) return 'peers';
  return dhtAsked ? 'done' : 'dht';
}

/** Share of answers of super-peers that are checked with another one. */
export const auditShare = 0.01;

/** Whether an answer is audited; `random` is in [0, 1). */
export function isAudited(random: number, share = auditShare): boolean {
  return random < share;
}
