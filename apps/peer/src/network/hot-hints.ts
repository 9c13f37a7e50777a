import { hotHintLimits, storeClosed, type Cid, type Hint, type HintLimits, type HintStore } from '@souk/domain';
import { LRUCache } from 'lru-cache';

interface Kept {
  readonly hints: readonly Hint[];
  readonly at: number;
}

/** The hot cache: hints in memory; the cid that was neither asked for nor put for longest gives way. */
export class HotHints implements HintStore {
  readonly #kept: LRUCache<Cid, Kept>;
  readonly #ms: number;
  #closed = false;

  constructor(limits: HintLimits = hotHintLimits) {
    this.#kept = new LRUCache({ max: limits.cids });
    this.#ms = limits.ms;
  }

  async get(cid: Cid, now: number): Promise<readonly Hint[]> {
    this.#open();
    const kept = this.#kept.get(cid);
    return kept && now - kept.at <= this.#ms ? kept.hints : [];
  }

  async put(cid: Cid, hints: readonly Hint[], now: number): Promise<void> {
    this.#open();
    if (hints.length > 0) this.#kept.set(cid, { hints, at: now });
    else this.#kept.delete(cid);
  }

  async drop(cid: Cid, peer: string): Promise<void> {
    this.#open();
    const kept = this.#kept.peek(cid);
    const hints = kept?.hints.filter((hint) => hint.peer !== peer) ?? [];
    if (kept && hints.length > 0) this.#kept.set(cid, { ...kept, hints });
    else this.#kept.delete(cid);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#kept.clear();
  }

  #open(): void {
    if (this.#closed) throw storeClosed('hot cache');
  }
}
