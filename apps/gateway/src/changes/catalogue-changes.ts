import { setTimeout as delay } from 'node:timers/promises';
import { readChanges, readSelf, type ChangeEvent } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import type { PeerReads } from '@souk/nest';
import type { z } from 'zod';

type Page = z.output<typeof readChanges.output>;

/** Packages asked for at once. */
const pageSize = 200;
/** After so many milliseconds without news the cursor is told again: a sign of life, and a look at the peer, because news may be lost. */
const aliveMs = 15_000;
/** Most that follow at one gateway at a time. */
const maxFollowers = 200;

/** How somebody follows. */
export interface Following {
  /** The cursor to go on from; what is new from now on without one. */
  readonly after?: number;
  /** Throws when the follower may not read any more; asked before each page. */
  readonly admit: () => Promise<unknown>;
  /** Ends the following. */
  readonly signal: AbortSignal;
}

/** Tells followers what changes in the site's catalogue. Those that are level with it share each reading of the peer; nothing is kept for one that reads slowly. */
export class CatalogueChanges {
  readonly #peers: Pick<PeerReads, 'call'>;
  readonly #aliveMs: number;
  readonly #waiting = new Set<AbortController>();
  readonly #asked = new Map<number, Promise<Page>>();
  #followers = 0;
  #news = 0;

  /** `aliveMs`: longest silence, in milliseconds; 15,000 unless given. */
  constructor(peers: Pick<PeerReads, 'call'>, options: { readonly aliveMs?: number } = {}) {
    this.#peers = peers;
    this.#aliveMs = options.aliveMs ?? aliveMs;
  }

  /** The catalogue has grown. */
  poke(): void {
    this.#news += 1;
    for (const waiting of this.#waiting) waiting.abort();
  }

  /** The changes after a cursor, then those to come, until the signal aborts. Throws RATE_LIMITED when too many follow, and what `admit` and the peer throw. */
  async *follow({ after, admit, signal }: Following): AsyncGenerator<ChangeEvent, void, undefined> {
    if (this.#followers >= maxFollowers) throw new SoukError('RATE_LIMITED', `${maxFollowers} follow the catalogue at this gateway already.`, { hint: 'Try again later, or follow at another gateway of the site.' });
    this.#followers += 1;
    try {
      let cursor = after ?? (await this.#newest(signal));
      while (!signal.aborted) {
        await admit();
        const news = this.#news;
        const page = await this.#page(cursor);
        cursor = page.next;
        yield* eventsOf(page);
        if (page.caughtUp && news === this.#news) await this.#more(signal);
      }
    } finally {
      this.#followers -= 1;
    }
  }

  async #newest(signal: AbortSignal): Promise<number> {
    return (await this.#peers.call(readSelf, {}, { signal })).status.arrival;
  }

  #page(after: number): Promise<Page> {
    const asked = this.#asked.get(after) ?? this.#peers.call(readChanges, { after, limit: pageSize }).finally(() => this.#asked.delete(after));
    this.#asked.set(after, asked);
    return asked;
  }

  async #more(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#waiting.add(woken);
    try {
      await delay(this.#aliveMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) });
    } catch {
      // Somebody poked, or the follower has gone, which the loop sees.
    } finally {
      this.#waiting.delete(woken);
    }
  }
}

function* eventsOf({ packages, gone, next, caughtUp }: Page): Generator<ChangeEvent> {
  for (const one of packages) yield { type: 'changed', package: one };
  for (const name of gone) yield { type: 'gone', name };
  yield { type: 'cursor', cursor: next, caughtUp };
}
