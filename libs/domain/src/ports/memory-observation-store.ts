import { maxObservations, type Observation, type ObservationStore, type StoredObservation } from './observation-store.ts';
import { storeClosed } from './store-closed.ts';

/** Observations in memory: for tests. */
export class MemoryObservationStore implements ObservationStore {
  #kept: StoredObservation[] = [];
  #newest = 0;
  #closed = false;

  async add(observation: Observation): Promise<StoredObservation> {
    this.#open();
    this.#newest += 1;
    const stored = { ...observation, id: this.#newest };
    this.#kept.push(stored);
    if (this.#kept.length > maxObservations) this.#kept.shift();
    return stored;
  }

  async since(cursor: number, limit: number): Promise<readonly StoredObservation[]> {
    this.#open();
    return this.#kept.filter((one) => one.id > cursor).slice(0, limit);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #open(): void {
    if (this.#closed) throw storeClosed('observation store');
  }
}
