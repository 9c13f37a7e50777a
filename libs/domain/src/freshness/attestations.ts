/** How fresh what a peer holds is, by what super-peers of the charter signed. */
export interface Freshness {
  readonly isStale: boolean;
  /** Since when, in milliseconds since 1970. */
  readonly since?: number;
  /** How many super-peers have to attest it. */
  readonly needed: number;
  /** The newest statement of each super-peer whose records are all held here, and when it was signed. */
  readonly attested: readonly { readonly peer: string; readonly at: number }[];
}

/** Most super-peers that have to attest it: one alone could withhold what is new. */
const mostNeeded = 2;

/** Which statements of super-peers a peer has covered: it holds every record that was there when they were signed. */
export class Attestations {
  readonly #covered = new Map<string, number>();
  readonly #began: number;

  /** `now`: when this peer began to ask, in milliseconds since 1970. Until enough have attested, what it holds counts as stale since then. */
  constructor(now: number) {
    this.#began = now;
  }

  /** Everything that a super-peer signed at a time is held here. */
  covered(peer: string, at: number): void {
    this.#covered.set(peer, Math.max(at, this.#covered.get(peer) ?? 0));
  }

  /** How fresh what is held is at `now`, when only these super-peers count and what they signed counts for `staleMs`. */
  freshness(superPeers: readonly string[], now: number, staleMs: number): Freshness {
    const needed = Math.min(mostNeeded, superPeers.length);
    const attested = superPeers.flatMap((peer) => ({ peer, at: this.#covered.get(peer) ?? -1 })).filter((one) => one.at >= 0).sort((a, b) => b.at - a.at);
    const last = needed === 0 ? now : attested[needed - 1]?.at;
    if (last !== undefined && last + staleMs >= now) return { isStale: false, needed, attested };
    return { isStale: true, since: last === undefined ? this.#began : last + staleMs, needed, attested };
  }
}
