import { isSoukError, type KeptSummary, type SummaryStep, type SummaryStore } from '@souk/domain';
import type { Log } from '@souk/nest';

/** Summaries that nothing depends on: where the disk fails there are none, and what is damaged is forgotten. */
export class SpareSummaries {
  readonly #store: SummaryStore;
  readonly #log: Pick<Log, 'warn'>;

  constructor(store: SummaryStore, log: Pick<Log, 'warn'>) {
    this.#store = store;
    this.#log = log;
  }

  /** The mark of what is kept; undefined when it can't be read. */
  async mark(): Promise<{ readonly kept: string | undefined } | undefined> {
    return this.#tried(async () => ({ kept: await this.#store.mark() }));
  }

  /** As `SummaryStore.from`; undefined when they can't be read. */
  async from(arrival: number, nth: number, limit: number): Promise<readonly KeptSummary[] | undefined> {
    return this.#tried(() => this.#store.from(arrival, nth, limit));
  }

  /** As `SummaryStore.advance`; false also when it can't be kept. */
  async advance(step: SummaryStep): Promise<boolean> {
    return (await this.#tried(() => this.#store.advance(step))) ?? false;
  }

  /** As `SummaryStore.clear`. */
  async clear(): Promise<void> {
    await this.#tried(() => this.#store.clear());
  }

  async #tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isSoukError(error) || !error.code.startsWith('STORAGE_')) throw error;
      this.#log.warn('The summaries of packages can not be used; packages are folded from the logs', { error });
      if (error.code === 'STORAGE_CORRUPT') await this.#store.clear();
      return undefined;
    }
  }
}
