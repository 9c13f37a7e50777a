/** How much of something one name may do. */
export interface Rate {
  readonly perSecond: number;
  /** How much may come at once after a pause. */
  readonly burst: number;
}

/** A budget for each of many names, refilled with time (a token bucket). Names are bounded: the one unused for longest is forgotten, and begins anew. */
export class RateQuota {
  readonly #rate: Rate;
  readonly #maxNames: number;
  readonly #levels = new Map<string, { left: number; at: number }>();

  constructor(rate: Rate, maxNames = 10_000) {
    this.#rate = rate;
    this.#maxNames = maxNames;
  }

  /** Whether there is so much in a name's budget at `now`; nothing is taken. */
  has(name: string, amount: number, now: number): boolean {
    return this.#left(name, now) >= amount;
  }

  /** Takes from a name's budget at `now` (milliseconds of any steady clock); false, and nothing is taken, when there is not enough. */
  take(name: string, amount: number, now: number): boolean {
    const left = this.#left(name, now);
    const granted = left >= amount;
    this.#levels.delete(name);
    const oldest = this.#levels.keys().next().value;
    if (this.#levels.size >= this.#maxNames && oldest !== undefined) this.#levels.delete(oldest);
    this.#levels.set(name, { left: granted ? left - amount : left, at: now });
    return granted;
  }

  #left(name: string, now: number): number {
    const { perSecond, burst } = this.#rate;
    const level = this.#levels.get(name);
    return level ? Math.min(burst, level.left + (Math.max(0, now - level.at) / 1000) * perSecond) : burst;
  }
}
