import { setImmediate } from 'node:timers/promises';

/** Keeps long loops from holding the event loop, on which links to other peers and answers to callers wait. */
export class Pace {
  readonly #sliceMs: number;
  #since = performance.now();

  /** `sliceMs`: how long a loop may run before others get a turn. */
  constructor(sliceMs = 8) {
    this.#sliceMs = sliceMs;
  }

  /** Call once per round: gives others a turn when the slice is over, and returns at once otherwise. */
  async step(): Promise<void> {
    if (performance.now() - this.#since < this.#sliceMs) return;
    await setImmediate();
    this.#since = performance.now();
  }
}
