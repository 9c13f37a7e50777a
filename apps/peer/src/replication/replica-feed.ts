import { maxPage, type LogName } from '@souk/contracts';
import { isSoukError, sameBytes, sameMark, SoukError, type OrderMark } from '@souk/domain';
import type { Log } from '@souk/nest';
import { covers, isEmptyPage, toPage } from './order-wire.ts';
import type { OrderedLogs } from './ordered-logs.ts';
import type { SiteCalls } from './site-calls.ts';

/** What a feed needs. */
export interface FeedNeeds {
  readonly ordered: OrderedLogs;
  /** The replica. */
  readonly ordinal: number;
  readonly calls: SiteCalls;
  readonly log: Log;
  readonly stopping: AbortSignal;
  /** The replica holds more than this peer: takes that over. */
  readonly takeTail: (ordinal: number) => Promise<void>;
  /** Hears that something changed: how far the replica is, or whether it answers. */
  readonly onChange: () => void;
}

/** Pauses between attempts, in milliseconds. */
const [firstPauseMs, longestPauseMs] = [50, 1000];
/** A feed looks after its replica this often, also while there is always more to bring, so that one that went is noticed and one that lost its disk is filled and hears it. */
const idleMs = 2000;

/**
 * Brings what this peer has to one replica, in this peer's order, page by page from where the replica says it is, and again whenever there is
 * more. A replica that does not answer is tried again with growing pauses.
 */
export class ReplicaFeed {
  readonly ordinal: number;
  readonly name: LogName;
  readonly #needs: FeedNeeds;
  /** Where the replica is; undefined while it does not answer. */
  #mark: OrderMark | undefined;
  #isApart = false;
  /** This peer's newest arrival when it was last looked at. */
  #arrival = 0;
  #wake = Promise.withResolvers<void>();
  #pauseMs = firstPauseMs;
  #lookedAt = performance.now();
  #running: Promise<void> | undefined;

  constructor(needs: FeedNeeds) {
    this.#needs = needs;
    this.ordinal = needs.ordinal;
    this.name = needs.ordered.name;
  }

  /** Begins to bring. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** There is more, or the replica is worth another attempt. Never waits. */
  wake(): void {
    this.#pauseMs = firstPauseMs;
    this.#wake.resolve();
  }

  /** How far the replica is; undefined while it does not answer, or holds another order. */
  get mark(): OrderMark | undefined {
    return this.#isApart ? undefined : this.#mark;
  }

  /** How many records the replica lacked when that was last looked at; all of them while it does not answer. */
  get lag(): number {
    return Math.max(0, this.#arrival - (this.mark?.arrival ?? 0));
  }

  /** Whether the replica has, on its disk, everything up to a mark. */
  has(target: OrderMark): boolean {
    return this.mark !== undefined && covers(this.mark, target);
  }

  /** Resolves when nothing is under way any more; for after `stopping`. */
  async settled(): Promise<void> {
    this.#wake.resolve();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { stopping, log, ordinal } = this.#needs;
    while (!stopping.aborted) {
      try {
        await this.#bringLevel();
        await this.#rest(idleMs);
        if (performance.now() - this.#lookedAt >= idleMs) await this.#lookAgain();
      } catch (error) {
        if (stopping.aborted) return;
        if (!isSoukError(error) || !error.entry.retry) log.error('A replica could not be brought level', { ordinal, error });
        else if (this.#mark) log.warn('A replica does not answer', { ordinal, error });
        this.#set(undefined);
        await this.#rest(this.#pauseMs);
        this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
      }
    }
  }

  /** Page after page. At first an empty one goes too, by which the replica hears that it is level. */
  async #bringLevel(): Promise<void> {
    const { ordered, calls, ordinal, stopping } = this.#needs;
    const { name, logs } = ordered;
    let isHeard = this.#mark !== undefined;
    for (let mark = this.#mark ?? (await calls.order(ordinal, name)).mark; !stopping.aborted; isHeard = true) {
      if (!(await this.#continues(mark))) return;
      const page = toPage(await logs.slice(mark, maxPage));
      const isEmpty = isEmptyPage(page);
      if (isEmpty && isHeard) return;
      const next = await calls.replicate(ordinal, name, page);
      if (!isEmpty && sameMark(next, mark)) throw new SoukError('UNAVAILABLE', `Replica ${ordinal} did not take what comes next.`);
      mark = next;
      this.#set(mark);
    }
  }

  /** The replica may have gone, or come back with an empty disk and not know yet that it is level. */
  async #lookAgain(): Promise<void> {
    const { ordered, calls, ordinal } = this.#needs;
    this.#lookedAt = performance.now();
    const { mark, settled } = await calls.order(ordinal, ordered.name);
    this.#set(settled ? mark : undefined);
  }

  /** Whether a mark lies in this peer's order; one that is beyond it is caught up with first. */
  async #continues(mark: OrderMark): Promise<boolean> {
    const { ordered, ordinal, log, takeTail } = this.#needs;
    if (mark.arrival > (await ordered.logs.order()).arrival) await takeTail(ordinal);
    this.#arrival = (await ordered.logs.order()).arrival;
    const hash = mark.arrival === 0 ? undefined : await ordered.logs.hashAt(mark.arrival);
    const isApart = mark.arrival > 0 && (hash === undefined || mark.hash === undefined || !sameBytes(hash, mark.hash));
    if (isApart && !this.#isApart) log.error('A replica holds records in another order than the primary; start it with an empty data folder', { ordinal, arrival: mark.arrival });
    this.#isApart = isApart;
    if (isApart) this.#set(undefined);
    return !isApart;
  }

  #set(mark: OrderMark | undefined): void {
    this.#mark = mark;
    if (mark) this.#pauseMs = firstPauseMs;
    this.#needs.onChange();
  }

  /** Waits a while, or until it is woken. */
  async #rest(ms: number): Promise<void> {
    const { stopping } = this.#needs;
    const over = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => over.resolve(false), ms).unref();
    const end = (): void => over.resolve(true);
    stopping.addEventListener('abort', end, { once: true });
    if (stopping.aborted) end();
    const isWoken = await Promise.race([over.promise, this.#wake.promise.then(() => true)]);
    clearTimeout(timer);
    stopping.removeEventListener('abort', end);
    if (isWoken) this.#wake = Promise.withResolvers<void>();
  }
}
