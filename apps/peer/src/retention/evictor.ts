import { isSoukError, type BlobLedger, type BlobStore, type Cid, type Keeping } from '@souk/domain';
import type { Log } from '@souk/nest';
import { Pace } from '../pace.ts';

/** What an evictor works on. */
export interface EvictorNeeds {
  readonly blobs: Pick<BlobStore, 'delete'>;
  readonly ledger: Pick<BlobLedger, 'get' | 'remove' | 'leastUsed'>;
  readonly log: Log;
  /** Takes over what records say, so that nothing is evicted that has just been published. */
  readonly catchUp: () => Promise<void>;
  /** Whether other peers of the site hold for good what belongs on their disks; there are none when left out. */
  readonly isHeldElsewhere?: ((cid: Cid) => Promise<boolean>) | undefined;
  /** Hears of each blob that was deleted. */
  readonly onDropped: (keeping: Keeping, bytes: number) => void;
  /** Hears that the ledger could not be written, so that it has to be levelled. */
  readonly onUneven: (error: unknown) => void;
}

/** Victims that are looked up at a time. */
const page = 32;

/**
 * Deletes blobs, always in this order: it is hidden here, withdrawn from what is announced, deleted, struck off the ledger. A crash between
 * any two steps leaves a blob that is announced again, or a line of the ledger that levelling strikes off.
 */
export class Evictor {
  readonly #needs: EvictorNeeds;
  readonly #held = new Map<Cid, number>();
  readonly #leaving = new Map<Cid, Promise<boolean>>();
  #heldAll = 0;
  #withdraw: (cids: readonly Cid[]) => Promise<void> = () => Promise.resolve();
  #running: Promise<void> | undefined;

  constructor(needs: EvictorNeeds) {
    this.#needs = needs;
  }

  /** Says how what is announced is taken back; before that nothing is announced. */
  withdrawBy(withdraw: (cids: readonly Cid[]) => Promise<void>): void {
    this.#withdraw = withdraw;
  }

  /** Whether a blob is on its way out: for everybody else it is gone. */
  isLeaving(cid: Cid): boolean {
    return this.#leaving.has(cid);
  }

  /** Resolves when a blob that is on its way out is gone, or stayed. */
  async left(cid: Cid): Promise<void> {
    await this.#leaving.get(cid)?.catch(() => false);
  }

  /** Keeps blobs from being deleted until the answer is called. Those that are on their way out are gone when it resolves. */
  async hold(cids: readonly Cid[]): Promise<() => void> {
    for (const cid of cids) this.#held.set(cid, (this.#held.get(cid) ?? 0) + 1);
    await Promise.all(cids.map((cid) => this.left(cid)));
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      for (const cid of cids) {
        const holds = (this.#held.get(cid) ?? 1) - 1;
        if (holds > 0) this.#held.set(cid, holds);
        else this.#held.delete(cid);
      }
    };
  }

  /** Keeps every blob from being deleted until the answer is called. Those that are on their way out are gone when it resolves. */
  async holdAll(): Promise<() => void> {
    this.#heldAll += 1;
    await Promise.allSettled(this.#leaving.values());
    let isOver = false;
    return () => {
      if (!isOver) this.#heldAll -= 1;
      isOver = true;
    };
  }

  /** Deletes a blob if it is kept for one of these reasons and nobody holds it; false when it stays. Throws what deleting throws. */
  async drop(cid: Cid, only: readonly Keeping[]): Promise<boolean> {
    if (this.#heldAll > 0 || this.#held.has(cid)) return false;
    const underWay = this.#leaving.get(cid);
    if (underWay) return underWay;
    const leaving = this.#drop(cid, only).finally(() => this.#leaving.delete(cid));
    this.#leaving.set(cid, leaving);
    return leaving;
  }

  /** Evicts cached blobs, the least recently used first, until `wanted` is 0 or there are no more. One eviction at a time; who comes later shares it. */
  async evict(wanted: () => number): Promise<void> {
    while (this.#running) await this.#running.catch(() => undefined);
    if (wanted() <= 0) return;
    this.#running = this.#evict(wanted).finally(() => (this.#running = undefined));
    await this.#running;
  }

  /** Waits for the eviction under way. */
  async settled(): Promise<void> {
    await this.#running?.catch(() => undefined);
    await Promise.allSettled(this.#leaving.values());
  }

  async #evict(wanted: () => number): Promise<void> {
    await this.#needs.catchUp();
    const pace = new Pace();
    const stayed = new Set<Cid>();
    while (wanted() > 0) {
      const victims = (await this.#needs.ledger.leastUsed(page + stayed.size)).filter((one) => !stayed.has(one.cid));
      if (victims.length === 0) return;
      for (const { cid } of victims) {
        if (wanted() <= 0) return;
        if (!(await this.#dropOrTell(cid))) stayed.add(cid);
        await pace.step();
      }
    }
  }

  async #dropOrTell(cid: Cid): Promise<boolean> {
    try {
      return await this.drop(cid, ['cached']);
    } catch (error) {
      this.#needs.log.warn('A cached blob could not be evicted', { cid, code: isSoukError(error) ? error.code : 'INTERNAL', error });
      return false;
    }
  }

  async #drop(cid: Cid, only: readonly Keeping[]): Promise<boolean> {
    const { blobs, ledger, onDropped, onUneven, isHeldElsewhere } = this.#needs;
    // Asked again at the last moment: it may have been published since it was chosen.
    const held = await ledger.get(cid);
    if (!held || !only.includes(held.keeping)) return false;
    // It may be one of the copies that were acknowledged, on a peer that stands in for another one.
    if (held.isElsewhere && isHeldElsewhere && !(await isHeldElsewhere(cid))) return false;
    await this.#withdraw([cid]);
    await blobs.delete(cid);
    onDropped(held.keeping, held.size);
    await ledger.remove(cid).catch(onUneven);
    return true;
  }
}
