/** Carries values from work that pushes them to a reader that pulls them. */
export class ProgressStream<T> {
  readonly #idleMs: number;
  #waiting: T[] = [];
  #last: T | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  /** `idleMs`: after how long a silence the last value is said again, so that the reader knows that work goes on. */
  constructor(idleMs: number) {
    this.#idleMs = idleMs;
  }

  /** Hands a value to the reader. Never waits. */
  push(value: T): void {
    this.#waiting.push(value);
    this.#wake?.();
  }

  /** No more values come. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The values in their order, until the end. */
  async *values(): AsyncGenerator<T> {
    for (;;) {
      const values = this.#waiting;
      this.#waiting = [];
      for (const value of values) yield (this.#last = value);
      if (this.#waiting.length > 0) continue;
      if (this.#ended) return;
      if ((await this.#news()) === 'silence' && this.#last !== undefined) yield this.#last;
    }
  }

  async #news(): Promise<'news' | 'silence'> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve('silence'), this.#idleMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve('news');
      };
    });
  }
}
