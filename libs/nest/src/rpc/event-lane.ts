import { itemCost } from './wire.ts';

/** Handles the events of one subscription one after the other, in the order in which they came, and holds at most so many bytes of them. */
export class EventLane<Event> {
  readonly #handle: (event: Event) => Promise<void>;
  readonly #maxBytes: number;
  #waiting: { readonly event: Event; readonly cost: number }[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;

  constructor(handle: (event: Event) => Promise<void>, maxBytes: number) {
    this.#handle = handle;
    this.#maxBytes = maxBytes;
  }

  /** Takes an event of so many bytes; false when too much waits already and it was dropped. */
  push(event: Event, bytes: number): boolean {
    const cost = itemCost(bytes);
    if (this.#bytes + cost > this.#maxBytes) return false;
    this.#bytes += cost;
    this.#waiting.push({ event, cost });
    this.#running ??= this.#run();
    return true;
  }

  /** Forgets the events that still wait. */
  clear(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }

  /** Resolves when no event is being handled or waits. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        this.#bytes -= next.cost;
        await this.#handle(next.event);
      }
    } finally {
      this.#running = undefined;
    }
  }
}
