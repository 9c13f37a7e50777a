import type { Cid } from '../id/cid.ts';
import { warmHintLimits, type Hint, type HintLimits, type HintStore } from './hint-store.ts';
import { storeClosed } from './store-closed.ts';

/** Hints in memory: the hot cache. The cid that was neither asked for nor put for longest gives way. */
export class MemoryHintStore implements HintStore {
  readonly #limits: HintLimits;
  readonly #kept = new Map<Cid, { readonly hints: readonly Hint[]; readonly at: number }>();
  #closed = false;

  constructor(limits: HintLimits = warmHintLimits) {
    this.#limits = limits;
  }

  async get(cid: Cid, now: number): Promise<readonly Hint[]> {
    this.#open();
    const kept = this.#kept.get(cid);
    if (!kept || now - kept.at > this.#limits.ms) return [];
    // A map lists its keys in the order in which they were set.
    this.#kept.delete(cid);
    this.#kept.set(cid, kept);
    return kept.hints;
  }

  async put(cid: Cid, hints: readonly Hint[], now: number): Promise<void> {
    this.#open();
    this.#kept.delete(cid);
    if (hints.length > 0) this.#kept.set(cid, { hints, at: now });
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > this.#limits.cids && oldest !== undefined) this.#kept.delete(oldest);
  }

  async drop(cid: Cid, peer: string): Promise<void> {
    this.#open();
    const kept = this.#kept.get(cid);
    const hints = kept?.hints.filter((hint) => hint.peer !== peer) ?? [];
    if (kept && hints.length > 0) this.#kept.set(cid, { ...kept, hints });
    else this.#kept.delete(cid);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #open(): void {
    if (this.#closed) throw storeClosed('hint store');
  }
}
