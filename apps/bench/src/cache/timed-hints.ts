import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Cid, Hint, HintStore } from '@souk/domain';

/** A cache of hints that tells how long its hits take, from the call to the awaited answer, in nanoseconds. */
export class TimedHints implements HintStore {
  readonly hits: RecordableHistogram = createHistogram();
  readonly #store: HintStore;

  constructor(store: HintStore) {
    this.#store = store;
  }

  async get(cid: Cid, now: number): Promise<readonly Hint[]> {
    const since = process.hrtime.bigint();
    const hints = await this.#store.get(cid, now);
    if (hints.length > 0) this.hits.record(Math.max(1, Number(process.hrtime.bigint() - since)));
    return hints;
  }

  put(cid: Cid, hints: readonly Hint[], now: number): Promise<void> {
    return this.#store.put(cid, hints, now);
  }

  drop(cid: Cid, peer: string): Promise<void> {
    return this.#store.drop(cid, peer);
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
