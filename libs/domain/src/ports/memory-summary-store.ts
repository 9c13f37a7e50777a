import { storeClosed } from './store-closed.ts';
import type { KeptSummary, SummaryStep, SummaryStore } from './summary-store.ts';

/** Summaries in memory: for tests, and for peers without a disk. */
export class MemorySummaryStore implements SummaryStore {
  readonly #kept = new Map<string, KeptSummary>();
  #mark: string | undefined;
  #closed = false;

  async mark(): Promise<string | undefined> {
    this.#open();
    return this.#mark;
  }

  async from(arrival: number, nth: number, limit: number): Promise<readonly KeptSummary[]> {
    this.#open();
    const behind = [...this.#kept.values()].filter((one) => one.arrival > arrival || (one.arrival === arrival && one.nth >= nth));
    return behind.sort((a, b) => a.arrival - b.arrival || a.nth - b.nth || (a.name < b.name ? -1 : 1)).slice(0, limit);
  }

  async advance({ before, after, put, again }: SummaryStep): Promise<boolean> {
    this.#open();
    if (before !== this.#mark) return false;
    for (const { name, arrival, nth, text } of put) this.#kept.set(name, { name, arrival, nth, ...(text === undefined ? {} : { text }) });
    for (const { name, text } of again) {
      const kept = this.#kept.get(name);
      if (kept) this.#kept.set(name, { name, arrival: kept.arrival, nth: kept.nth, ...(text === undefined ? {} : { text }) });
    }
    this.#mark = after;
    return true;
  }

  async clear(): Promise<void> {
    this.#open();
    this.#kept.clear();
    this.#mark = undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #open(): void {
    if (this.#closed) throw storeClosed('summary store');
  }
}
