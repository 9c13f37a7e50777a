import { Bell } from './bell.ts';

/** Values that come one by one from elsewhere, for one reader. */
export class Arrivals<T> implements AsyncIterable<T> {
  readonly #values: T[] = [];
  readonly #bell = new Bell();
  #ended = false;

  /** One more value. */
  push(value: T): void {
    this.#values.push(value);
    this.#bell.ring();
  }

  /** No more values. */
  end(): void {
    this.#ended = true;
    this.#bell.ring();
  }

  /** Takes out what came and was not read. */
  rest(): T[] {
    return this.#values.splice(0);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      while (this.#values.length > 0) yield this.#values.shift() as T;
      if (this.#ended) return;
      await this.#bell.wait();
    }
  }
}
