import { readSelf, type Staleness } from '@souk/contracts';
import type { PeerReads } from '@souk/nest';

/** How long what the peer said counts before it is asked again, in milliseconds. It changes by the hour. */
const trustedMs = 5000;
/** How long the first answer of a gateway waits for it, in milliseconds. */
const patienceMs = 500;

/** What is added to answers about packages. */
export interface Staled {
  readonly stale?: Staleness;
}

/**
 * Knows whether the site's peer may not hold the newest there is, so that answers about packages say so. No answer waits for it but the first:
 * later ones say what was known a moment ago. A peer that does not answer has said nothing.
 */
export class StaleNote {
  readonly #peers: Pick<PeerReads, 'call'>;
  readonly #now: () => number;
  #known: { readonly said: Staled; readonly at: number } | undefined;
  #asking: Promise<void> | undefined;

  /** `now`: milliseconds by a clock that only goes on. */
  constructor(peers: Pick<PeerReads, 'call'>, now: () => number = () => performance.now()) {
    this.#peers = peers;
    this.#now = now;
  }

  /** What to add to an answer now. Never throws. */
  async added(): Promise<Staled> {
    if (this.#known && this.#now() - this.#known.at < trustedMs) return this.#known.said;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    if (!this.#known) await this.#asking;
    return this.#known?.said ?? {};
  }

  async #ask(): Promise<void> {
    const said = await this.#peers.call(readSelf, {}, { timeoutMs: patienceMs }).then(
      ({ status: { freshness } }): Staled => (freshness?.stale === true ? { stale: freshness.since === undefined ? {} : { since: freshness.since } } : {}),
      (): Staled => this.#known?.said ?? {},
    );
    this.#known = { said, at: this.#now() };
  }
}
