/** How good the way from one node to another is. */
export interface LinkQuality {
  /** Milliseconds from one end to the other; half a round trip. */
  readonly delayMs: number;
  /** Up to so many milliseconds more, by chance. */
  readonly jitterMs: number;
  /** Share in [0, 1) of segments that are lost at first. Streams are reliable: what is lost comes later, and so does all behind it. */
  readonly loss: number;
  /** Infinity for no limit; shared by all connections of the link. */
  readonly bytesPerSecond: number;
}

/** A way without delay, loss or limit. */
export const perfect: LinkQuality = { delayMs: 0, jitterMs: 0, loss: 0, bytesPerSecond: Infinity };

/** Linux's least retransmission time-out (RFC 6298 with its minimum of 200 ms); it doubles with each loss of the same segment. */
const leastTimeoutMs = 200;
const maxLosses = 6;

/**
 * When each segment that is sent one way over a link arrives. What chance decides is taken from one sequence of random numbers, segment by
 * segment, so one seed is one schedule: the n-th segment of a link always has the same jitter and the same losses.
 */
export class Way {
  quality: LinkQuality = perfect;
  readonly #random: () => number;
  #freeAt = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Sends a segment at `now` (milliseconds) and answers when it arrives. */
  arrivalOf(bytes: number, now: number): number {
    const { delayMs, jitterMs, bytesPerSecond } = this.quality;
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes / bytesPerSecond) * 1000;
    return this.#freeAt + delayMs + this.#random() * jitterMs + this.#stall();
  }

  #stall(): number {
    let stall = 0;
    let timeout = leastTimeoutMs + 2 * this.quality.delayMs;
    for (let losses = 0; this.#random() < this.quality.loss && losses < maxLosses; losses += 1) {
      stall += timeout;
      timeout *= 2;
    }
    return stall;
  }
}

/** Both ways between two nodes. Changes hold for what is sent from then on. */
export class Link {
  readonly #ways: readonly Way[];

  constructor(ways: readonly Way[]) {
    this.#ways = ways;
  }

  /** Milliseconds from one end to the other. */
  delay(delayMs: number): this {
    return this.set({ delayMs });
  }

  /** Up to so many milliseconds more, by chance. */
  jitter(jitterMs: number): this {
    return this.set({ jitterMs });
  }

  /** Share of segments that are lost at first. */
  loss(loss: number): this {
    return this.set({ loss });
  }

  /** Bytes per second, each way. */
  bandwidth(bytesPerSecond: number): this {
    return this.set({ bytesPerSecond });
  }

  /** Several of these at once. */
  set(quality: Partial<LinkQuality>): this {
    for (const way of this.#ways) way.quality = { ...way.quality, ...quality };
    return this;
  }
}
