const flushEvery = 1_048_576;

/** Counts bytes that were sent and that the server has not taken in yet: it says so in answer to a flush. */
export class OutboundBudget {
  readonly #most: number;
  readonly #flush: () => Promise<void>;
  #waiting = 0;
  #sinceFlush = 0;

  constructor(most: number, flush: () => Promise<void>) {
    this.#most = most;
    this.#flush = flush;
  }

  /** Counts a message that is about to be sent; false when too much waits already. */
  take(bytes: number): boolean {
    if (this.#waiting + bytes > this.#most) return false;
    this.#waiting += bytes;
    this.#sinceFlush += bytes;
    if (this.#sinceFlush >= flushEvery) this.flush().catch(() => {});
    return true;
  }

  /** Resolves when the server has taken in everything that was sent before. */
  async flush(): Promise<void> {
    const bytes = this.#sinceFlush;
    this.#sinceFlush = 0;
    await this.#flush();
    this.#waiting -= bytes;
  }
}
