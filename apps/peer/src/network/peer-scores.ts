import { LRUCache } from 'lru-cache';

/** What a peer that nobody observed is worth. */
const strangerScore = 0.5;

/** The scores that the reputation service told, by which providers are ranked. */
export class PeerScores {
  readonly #scores = new LRUCache<string, number>({ max: 20_000 });

  /** Takes over changed scores. */
  update(scores: Readonly<Record<string, number>>): void {
    for (const [peer, score] of Object.entries(scores)) this.#scores.set(peer, score);
  }

  /** A peer's score in [0, 1]; 0.5 for a stranger. */
  of(peer: string): number {
    return this.#scores.get(peer) ?? strangerScore;
  }

  /** A peer's score, undefined for a stranger. */
  known(peer: string): number | undefined {
    return this.#scores.peek(peer);
  }
}
