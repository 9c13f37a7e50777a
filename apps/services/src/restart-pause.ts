const firstMs = 100;
const longestMs = 10_000;
/** A process that lived for so long was of use: the next pause is short again. */
const stableMs = 10_000;

/** Pauses before a process that ended by itself is started again: 100 ms, doubled from one short life to the next up to 10 s. */
export class RestartPause {
  #shortLives = 0;

  /** Milliseconds to wait after a life of so many milliseconds. */
  after(lifeMs: number): number {
    if (lifeMs >= stableMs) this.#shortLives = 0;
    const pause = Math.min(firstMs * 2 ** this.#shortLives, longestMs);
    this.#shortLives += 1;
    return pause;
  }
}
