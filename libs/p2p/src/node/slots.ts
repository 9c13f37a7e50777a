import { abortError } from '@souk/domain';

/** A fixed number of places; who finds none waits in line. */
export class Slots {
  readonly #places: number;
  #free: number;
  readonly #line: (() => void)[] = [];

  constructor(places: number) {
    this.#places = places;
    this.#free = places;
  }

  /** Whether nobody has a place. */
  get isIdle(): boolean {
    return this.#free === this.#places;
  }

  /** Whether somebody waits for a place. */
  get isWanted(): boolean {
    return this.#line.length > 0;
  }

  /** Runs work in a place. Throws CANCELLED or TIMEOUT when the signal gives up while it waits. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const leave = await this.enter(signal);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** Takes a place; the answer, called once, gives it back. Throws CANCELLED or TIMEOUT when the signal gives up while it waits. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted) throw abortError(signal, 'Waiting for a place');
    if (this.#free > 0) this.#free -= 1;
    else await this.#stand(signal);
    return () => {
      const next = this.#line.shift();
      if (next) next();
      else this.#free += 1;
    };
  }

  async #stand(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (): void => {
      this.#line.splice(this.#line.indexOf(resolve), 1);
      reject(abortError(signal as AbortSignal, 'Waiting for a place'));
    };
    this.#line.push(resolve);
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }
}
