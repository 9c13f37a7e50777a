import { KeptObservations } from './kept-observations.ts';
import type { Observation, ObservationStore, StoredObservation } from './observation-store.ts';
import { storeClosed } from './store-closed.ts';

/** Observations in memory: for tests. */
export class MemoryObservationStore implements ObservationStore {
  readonly #stored = new Map<number, StoredObservation>();
  readonly #kept = new KeptObservations();
  #newest = 0;
  #closed = false;

  async add(observation: Observation): Promise<StoredObservation> {
    this.#open();
    this.#newest += 1;
    const stored = { ...observation, id: this.#newest };
    this.#stored.set(stored.id, stored);
    const forgotten = this.#kept.add(stored.id, stored.peer);
    if (forgotten !== undefined) this.#stored.delete(forgotten);
    return stored;
  }

  async since(cursor: number, limit: number): Promise<readonly StoredObservation[]> {
    this.#open();
    return [...this.#stored.values()].filter((one) => one.id > cursor).slice(0, limit);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #open(): void {
    if (this.#closed) throw storeClosed('observation store');
  }
}
