import type { Cid } from '../id/cid.ts';
import type { BlobLedger, HeldBlob, Keeping, LedgerMark, Levelled, NamedBlob, Usage } from './blob-ledger.ts';
import { storeClosed } from './store-closed.ts';

const weight = { known: 0, elsewhere: 1, policy: 2, published: 3 } as const;

/** A ledger of blobs in memory: for tests, and for whoever looks at a folder once. */
export class MemoryBlobLedger implements BlobLedger {
  readonly #held = new Map<Cid, HeldBlob>();
  readonly #named = new Map<Cid, NamedBlob['as']>();
  #mark: LedgerMark | undefined;
  #closed = false;

  async put(cid: Cid, size: number, at: number): Promise<void> {
    this.#open();
    const held = this.#held.get(cid);
    const keeping = this.#keeping(cid);
    this.#held.set(cid, { cid, size, keeping, since: held && keeping !== 'unnamed' ? held.since : at, used: at, ...this.#elsewhere(cid) });
  }

  async putAll(blobs: readonly Pick<HeldBlob, 'cid' | 'size'>[], at: number): Promise<void> {
    for (const { cid, size } of blobs) await this.put(cid, size, at);
  }

  used(cid: Cid, at: number): void {
    const held = this.#held.get(cid);
    if (held && at > held.used) this.#held.set(cid, { ...held, used: at });
  }

  async remove(cid: Cid): Promise<void> {
    this.#open();
    this.#held.delete(cid);
  }

  async get(cid: Cid): Promise<HeldBlob | undefined> {
    this.#open();
    return this.#held.get(cid);
  }

  async name(blobs: readonly NamedBlob[], mark?: LedgerMark): Promise<void> {
    this.#open();
    for (const { cid, as } of blobs) {
      const before = this.#named.get(cid);
      if (before === undefined || weight[as] > weight[before]) this.#named.set(cid, as);
      this.#judge(cid);
    }
    this.#mark = mark ?? this.#mark;
  }

  async mark(): Promise<LedgerMark | undefined> {
    this.#open();
    return this.#mark;
  }

  async forget(): Promise<void> {
    this.#open();
    this.#named.clear();
    this.#mark = undefined;
    for (const cid of this.#held.keys()) this.#judge(cid);
  }

  usage(): Usage {
    const usage: Record<Keeping, { blobs: number; bytes: number }> = { pinned: { blobs: 0, bytes: 0 }, cached: { blobs: 0, bytes: 0 }, unnamed: { blobs: 0, bytes: 0 } };
    for (const { keeping, size } of this.#held.values()) {
      usage[keeping].blobs += 1;
      usage[keeping].bytes += size;
    }
    return usage;
  }

  async leastUsed(limit: number): Promise<readonly HeldBlob[]> {
    this.#open();
    return this.#kept('cached').toSorted((a, b) => a.used - b.used).slice(0, limit);
  }

  async unnamed(before: number, limit: number): Promise<readonly HeldBlob[]> {
    this.#open();
    return this.#kept('unnamed').filter((one) => one.since < before).slice(0, limit);
  }

  async published(after: Cid | undefined, limit: number): Promise<readonly { cid: Cid; isHere: boolean }[]> {
    return this.#namedAs('published', after, limit);
  }

  async elsewhere(after: Cid | undefined, limit: number): Promise<readonly { cid: Cid; isHere: boolean }[]> {
    return this.#namedAs('elsewhere', after, limit);
  }

  #namedAs(reason: NamedBlob['as'], after: Cid | undefined, limit: number): { cid: Cid; isHere: boolean }[] {
    this.#open();
    const cids = [...this.#named].filter(([cid, as]) => as === reason && (after === undefined || cid > after)).map(([cid]) => cid);
    return cids.sort().slice(0, limit).map((cid) => ({ cid, isHere: this.#held.has(cid) }));
  }

  async level(listed: AsyncIterable<Cid>, look: (cid: Cid) => Promise<number | undefined>, at: number): Promise<Levelled> {
    this.#open();
    const seen = new Set<Cid>();
    let [added, removed] = [0, 0];
    for await (const cid of listed) {
      seen.add(cid);
      const size = this.#held.has(cid) ? undefined : await look(cid);
      if (size === undefined || this.#held.has(cid)) continue;
      await this.put(cid, size, at);
      added += 1;
    }
    for (const cid of [...this.#held.keys()].filter((one) => !seen.has(one))) {
      if ((await look(cid)) !== undefined) continue;
      await this.remove(cid);
      removed += 1;
    }
    return { added, removed };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #kept(keeping: Keeping): HeldBlob[] {
    return [...this.#held.values()].filter((one) => one.keeping === keeping);
  }

  #keeping(cid: Cid): Keeping {
    const as = this.#named.get(cid);
    if (as === undefined) return 'unnamed';
    return as === 'known' || as === 'elsewhere' ? 'cached' : 'pinned';
  }

  #elsewhere(cid: Cid): { isElsewhere?: true } {
    return this.#named.get(cid) === 'elsewhere' ? { isElsewhere: true } : {};
  }

  #judge(cid: Cid): void {
    const held = this.#held.get(cid);
    if (!held) return;
    const { isElsewhere: _before, ...rest } = held;
    this.#held.set(cid, { ...rest, keeping: this.#keeping(cid), ...this.#elsewhere(cid) });
  }

  #open(): void {
    if (this.#closed) throw storeClosed('blob ledger');
  }
}
