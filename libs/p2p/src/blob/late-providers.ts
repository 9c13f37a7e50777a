import { wasLate } from '../node/peer-errors.ts';
import { elapsed } from '../node/waiting.ts';

/** How long to wait before dialling again, in milliseconds, and by how much that varies: many may wait for the same peer. */
const againAfter = { ms: 250, jitterMs: 500 } as const;

/** Providers of one fetch that could not be dialled in time: nobody refused, so that they, or this peer, may only be busy. Each is worth a second dial, and no third. */
export class LateProviders {
  readonly #again = new Map<string, boolean>();

  /** A provider failed like this. */
  note(peer: string, error: unknown): void {
    if (wasLate(error) && !this.#again.has(peer)) this.#again.set(peer, false);
  }

  /** Those to dial once more, after a while; none when there are none, or the signal aborts. */
  async again(signal: AbortSignal): Promise<readonly string[]> {
    const late = [...this.#again].filter(([, isAgain]) => !isAgain).map(([peer]) => peer);
    if (late.length === 0 || !(await elapsed(againAfter.ms + Math.random() * againAfter.jitterMs, signal))) return [];
    for (const peer of late) this.#again.set(peer, true);
    return late;
  }
}
