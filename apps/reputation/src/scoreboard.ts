import { decay, noEvidence, observe, score, type Evidence, type StoredObservation } from '@souk/domain';
import type { PeerScore } from '@souk/contracts';
import { LRUCache } from 'lru-cache';

/** Most peers with evidence; those not observed for longest are forgotten and are strangers again. */
const maxPeers = 20_000;

/** Scores of peers by what this site saw of them. */
export class Scoreboard {
  readonly #evidence = new LRUCache<string, { evidence: Evidence; since: number }>({ max: maxPeers });

  /** Takes observations over; returns the peers whose scores changed. */
  add(observations: readonly StoredObservation[]): ReadonlySet<string> {
    for (const one of observations) {
      const known = this.#evidence.get(one.peer);
      this.#evidence.set(one.peer, { evidence: observe(known?.evidence ?? noEvidence, one), since: known?.since ?? one.at });
    }
    return new Set(observations.map((one) => one.peer));
  }

  /** One peer's score at a time (milliseconds since 1970). */
  score(peer: string, at: number): number {
    return score(decay(this.#evidence.peek(peer)?.evidence ?? noEvidence, at));
  }

  /** All scores, best first. */
  list(limit: number, at: number): PeerScore[] {
    return [...this.#evidence.entries()]
      .map(([peer, { evidence, since }]) => {
        const { ok, failed, corrupt, bytes } = decay(evidence, at);
        return { peer, score: this.score(peer, at), evidence: { ok, failed, corrupt, bytes, since: new Date(since).toISOString() } };
      })
      .sort((a, b) => b.score - a.score || (a.peer < b.peer ? -1 : 1))
      .slice(0, limit);
  }
}
