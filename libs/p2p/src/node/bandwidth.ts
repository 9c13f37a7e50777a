import { abortError } from '@souk/domain';
import { elapsed } from './waiting.ts';

/** The largest piece that one turn is for, as a part of what a second allows: so that nobody hears nothing for long. */
const turn = 1 / 8;
/** What may be sent at once after a pause, in seconds' worth. */
const burst = 1 / 4;

/** Bytes that all transfers of a node in one direction may take together: each waits for its turn. */
export class Bandwidth {
  readonly #perSecond: number;
  readonly #now: () => number;
  /** When what was granted so far is through, in milliseconds. */
  #through: number;

  /** `perSecond`: bytes; Infinity for no bound. `now`: milliseconds of any steady clock. */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#through = now();
  }

  /** Largest number of bytes to take at once. */
  get most(): number {
    return Math.max(1, Math.floor(this.#perSecond * turn));
  }

  /** Takes so many bytes; the answer is how long to wait before they go, in milliseconds. */
  reserve(bytes: number): number {
    if (this.#perSecond === Infinity) return 0;
    const now = this.#now();
    this.#through = Math.max(this.#through, now - burst * 1000) + (bytes / this.#perSecond) * 1000;
    return Math.max(0, this.#through - now);
  }

  /** Waits until so many bytes may go. Throws CANCELLED or TIMEOUT when the signal gives up. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    await wait(this.reserve(bytes), signal);
  }
}

/** Waits so many milliseconds. Throws CANCELLED or TIMEOUT when the signal gives up. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0 && !(await elapsed(ms, signal))) throw abortError(signal, 'Waiting for bandwidth');
}
