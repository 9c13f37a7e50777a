import { setImmediate } from 'node:timers/promises';

/** How long work goes on before answers of the site get a turn, in milliseconds. */
const sliceMs = 5;

/** Keeps long work from delaying what follows on an answer: while the next batches are packed and signed, the site must not wait for this one. */
export class Turns {
  #since = performance.now();

  /** Call once per round: gives answers a turn when the slice is over. */
  async next(): Promise<void> {
    if (performance.now() - this.#since < sliceMs) return;
    await setImmediate();
    this.#since = performance.now();
  }
}
