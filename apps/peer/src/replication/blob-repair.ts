import { setTimeout as delay } from 'node:timers/promises';
import { isSoukError, type BlobLedger, type Cid } from '@souk/domain';
import type { Condition, Log } from '@souk/nest';
import type { SiblingBlobs } from './sibling-blobs.ts';

/** What repairing needs. */
export interface RepairNeeds {
  readonly ledger: Pick<BlobLedger, 'published'>;
  readonly siblings: Pick<SiblingBlobs, 'bring'>;
  /** Fetches a blob that no sibling has from other sites; whether it is here then. */
  readonly fetch: (cid: Cid) => Promise<boolean>;
  /** Resolves when the records are here that say what belongs here. */
  readonly whenSettled: () => Promise<void>;
  /** Takes over what records say of blobs. */
  readonly catchUp: () => Promise<void>;
  /** Met once a round asked for everything. */
  readonly condition: Condition;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

/** Published blobs that are looked at, and missing ones that are brought, at a time. */
const page = 64;
/** Between two rounds, in milliseconds: short while something is missing or came; and never less than so many times what a round took. */
const [soonMs, laterMs] = [2_000, 30_000];
const restShare = 10;

/**
 * Holds what belongs on this peer: blobs that were published at the site and are this peer's by rendezvous, whoever stood in for it while it
 * was away, or before its disk was replaced. One round at a time, a page at a time.
 */
export class BlobRepair {
  readonly #needs: RepairNeeds;
  #missing = 0;
  #running: Promise<void> | undefined;
  #wake = new AbortController();

  constructor(needs: RepairNeeds) {
    this.#needs = needs;
  }

  /** How many blobs belonged here and were not here when that was last looked at. */
  get missing(): number {
    return this.#missing;
  }

  /** Begins, round after round until the service stops. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Something came that may belong here. Never waits. */
  wake(): void {
    this.#wake.abort();
  }

  /** Waits for the round under way; for after the service began to stop. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Brings what is missing; how many blobs still are. Throws what the stores throw. */
  async round(): Promise<number> {
    const { ledger, siblings, fetch, catchUp, stopping } = this.#needs;
    await catchUp();
    let missing = 0;
    for (let after: Cid | undefined; !stopping.aborted; ) {
      const some = await ledger.published(after, page);
      const wanted = some.filter((one) => !one.isHere).map((one) => one.cid);
      const brought = await Promise.all(wanted.map(async (cid) => (await siblings.bring(cid)) || (await fetch(cid))));
      missing += brought.filter((isHere) => !isHere).length;
      this.#missing = Math.max(this.#missing, missing);
      after = some.at(-1)?.cid;
      if (some.length < page) break;
    }
    this.#missing = missing;
    return missing;
  }

  async #run(): Promise<void> {
    const { stopping, log, condition, whenSettled } = this.#needs;
    await whenSettled();
    while (!stopping.aborted) {
      const began = performance.now();
      let isMissing = true;
      this.#wake = new AbortController();
      try {
        isMissing = (await this.round()) > 0;
        condition.met();
      } catch (error) {
        if (!stopping.aborted) log.warn('Blobs that belong here could not be brought', { code: isSoukError(error) ? error.code : 'INTERNAL', error });
      }
      await this.#rest(Math.max(soonMs, restShare * (performance.now() - began)), stopping);
      if (!isMissing) await this.#rest(laterMs, AbortSignal.any([stopping, this.#wake.signal]));
    }
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
