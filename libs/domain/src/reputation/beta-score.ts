import type { Outcome } from '../ports/observation-store.ts';

/**
 * What is known of a peer: decayed counts of outcomes. A corrupt chunk is a lie and weighs as `corruptWeight` failures;
 * a missing blob is no fault beyond the wasted round trip and weighs a quarter.
 */
export interface Evidence {
  readonly ok: number;
  readonly failed: number;
  readonly corrupt: number;
  readonly bytes: number;
  /** Milliseconds since 1970 up to which the counts are decayed; 0 for no evidence. */
  readonly at: number;
}

/** Evidence of a peer that was never observed. */
export const noEvidence: Evidence = { ok: 0, failed: 0, corrupt: 0, bytes: 0, at: 0 };

/** How many failures one corrupt chunk counts as. */
export const corruptWeight = 20;

/** Milliseconds after which an observation weighs half. */
export const halfLifeMs = 24 * 3600 * 1000;

const failures: Record<Outcome, number> = { ok: 0, timeout: 1, unreachable: 1, missing: 0.25, corrupt: 0 };

/** The evidence as it weighs at a later time. */
export function decay(evidence: Evidence, at: number): Evidence {
  if (evidence.at === 0 || at <= evidence.at) return { ...evidence, at: Math.max(evidence.at, at) };
  const factor = 0.5 ** ((at - evidence.at) / halfLifeMs);
  return { ok: evidence.ok * factor, failed: evidence.failed * factor, corrupt: evidence.corrupt * factor, bytes: evidence.bytes * factor, at };
}

/** Adds one observation to decayed evidence. */
export function observe(evidence: Evidence, one: { readonly outcome: Outcome; readonly bytes: number; readonly at: number }): Evidence {
  const now = decay(evidence, one.at);
  // An observation that arrives late weighs what it would weigh had it come in time.
  const weight = one.at >= now.at ? 1 : 0.5 ** ((now.at - one.at) / halfLifeMs);
  return {
    ok: now.ok + (one.outcome === 'ok' ? weight : 0),
    failed: now.failed + failures[one.outcome] * weight,
    corrupt: now.corrupt + (one.outcome === 'corrupt' ? weight : 0),
    bytes: now.bytes + one.bytes * weight,
    at: now.at,
  };
}

/** The mean of Beta(ok + 1, failures + 1): 0.5 for a stranger, near 1 only after many good fetches (Jøsang & Ismail, "The Beta Reputation System", 2002). */
export function score(evidence: Evidence): number {
  const bad = evidence.failed + evidence.corrupt * corruptWeight;
  return (evidence.ok + 1) / (evidence.ok + bad + 2);
}
