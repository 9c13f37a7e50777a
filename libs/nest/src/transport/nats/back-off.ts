/** What ended the last attempt, or the last connection. */
export type Ending = 'unreachable' | 'refused';

const bounds = { unreachable: { first: 100, longest: 5_000 }, refused: { first: 1_000, longest: 30_000 } } as const;
const stableMs = 10_000;

/**
 * Pauses between attempts to connect: doubled from one to the next, half of each up to chance, so that many services do not come
 * all at once. A server that refuses the user is asked less often: it will go on to refuse until somebody changes a setting.
 */
export class BackOff {
  readonly #random: () => number;
  #failures = 0;
  #last: Ending | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt. */
  next(ending: Ending): number {
    if (ending !== this.#last) this.#failures = 0;
    this.#last = ending;
    const { first, longest } = bounds[ending];
    const pause = Math.min(first * 2 ** this.#failures, longest);
    this.#failures += 1;
    return pause / 2 + (pause / 2) * this.#random();
  }

  /** A connection lived for so long; only one that was of use makes the pauses short again. */
  lived(milliseconds: number): void {
    if (milliseconds >= stableMs) this.#failures = 0;
  }
}
