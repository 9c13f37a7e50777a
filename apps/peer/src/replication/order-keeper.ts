import { sameBytes, type OrderMark, type OrderSlice } from '@souk/domain';
import PQueue from 'p-queue';
import type { OrderedLogs } from './ordered-logs.ts';
import { covers, isEmptyPage } from './order-wire.ts';
import type { SiteCalls } from './site-calls.ts';

/** What a keeper needs. */
export interface OrderKeeperNeeds {
  readonly ordered: OrderedLogs;
  readonly calls: SiteCalls;
}

/** Takes over what siblings have next in the site's order, one slice at a time. */
export class OrderKeeper {
  readonly #needs: OrderKeeperNeeds;
  readonly #turns = new PQueue({ concurrency: 1 });
  #waiting: { readonly isReached: () => Promise<boolean>; readonly resolve: () => void }[] = [];

  constructor(needs: OrderKeeperNeeds) {
    this.#needs = needs;
  }

  /** Takes over a slice and tells of it; where this peer is then. Throws what `LogOrder.takeOver` throws. */
  async take(slice: OrderSlice): Promise<OrderMark> {
    const { logs, taken } = this.#needs.ordered;
    const { before, after } = await this.#turns.add(async () => ({ before: await logs.order(), after: await logs.takeOver(slice) }));
    const news = slice.records.filter((one) => one.arrival > before.arrival && one.arrival <= after.arrival);
    if (news.length > 0 || after.forks !== before.forks || after.writers !== before.writers) await taken(news);
    const waiting = this.#waiting.splice(0);
    for (const one of waiting) {
      if (await one.isReached()) one.resolve();
      else this.#waiting.push(one);
    }
    return after;
  }

  /** Resolves when this peer holds everything up to a mark of its order. Rejects when `signal` aborts before. */
  async reached(target: OrderMark, signal: AbortSignal): Promise<void> {
    const isReached = async (): Promise<boolean> => covers(await this.#needs.ordered.logs.order(), target);
    const waiting = Promise.withResolvers<void>();
    const one = { isReached, resolve: waiting.resolve };
    this.#waiting.push(one);
    const giveUp = (): void => waiting.reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    else if (await isReached()) waiting.resolve();
    try {
      await waiting.promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
      this.#waiting = this.#waiting.filter((other) => other !== one);
    }
  }

  /**
   * Takes over everything that a sibling has beyond this peer, if it continues what is held here; whether it does.
   * Throws what calls and stores throw.
   */
  async takeFrom(ordinal: number, signal: AbortSignal): Promise<boolean> {
    const { ordered, calls } = this.#needs;
    let mark = await ordered.logs.order();
    if (mark.arrival > 0) {
      const theirs = await calls.hashAt(ordinal, ordered.name, mark.arrival);
      if (theirs === undefined || mark.hash === undefined || !sameBytes(theirs, mark.hash)) return false;
    }
    while (!signal.aborted) {
      const slice = await calls.slice(ordinal, ordered.name, mark);
      if (isEmptyPage(slice)) return true;
      mark = await this.take(slice);
    }
    return false;
  }
}
