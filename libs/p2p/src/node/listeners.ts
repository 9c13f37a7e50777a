import type { PeerLog } from './peer-log.ts';

/** Those who want to hear of one kind of event; one that fails keeps nobody else from hearing. */
export class Listeners<T> {
  readonly #listeners = new Set<(event: T) => void>();
  readonly #log: PeerLog;

  constructor(log: PeerLog) {
    this.#log = log;
  }

  /** Adds a listener; the answer removes it. */
  add(listener: (event: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether anybody wants to hear. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  /** Tells everybody. */
  tell(event: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#log.error('a listener failed', { error });
      }
    }
  }
}
