import { searchNetwork, type SearchAnswer, type SearchQuery } from '@souk/contracts';
import type { Log, PeerReads } from '@souk/nest';
import { joined, restOf } from './network-answer.ts';
import type { SearchIndex } from './search-index.ts';

/** What answering needs. */
export interface NetworkIndexNeeds {
  readonly index: SearchIndex;
  readonly peers: Pick<PeerReads, 'call'>;
  readonly log: Pick<Log, 'debug'>;
  /** What the peers of the site follow. */
  readonly follow: 'all' | 'list';
}

/** Answers searches: from the index, and where that has only what the site follows, from a super-peer's too. */
export class NetworkIndex {
  readonly #needs: NetworkIndexNeeds;

  constructor(needs: NetworkIndexNeeds) {
    this.#needs = needs;
  }

  /** Answers a query. When no super-peer answers, what is found here is the answer, and says so. */
  query(query: SearchQuery, signal: AbortSignal): SearchAnswer | Promise<SearchAnswer> {
    const { index, follow } = this.#needs;
    return follow === 'all' ? index.query(query) : this.#withNetwork(query, signal);
  }

  async #withNetwork(query: SearchQuery, signal: AbortSignal): Promise<SearchAnswer> {
    const { index, peers, log } = this.#needs;
    const start = performance.now();
    const here = index.query(query);
    try {
      const there = await peers.call(searchNetwork, restOf(query, here), { signal });
      return joined(query, here, there, { isHeld: (name) => index.has(name), start });
    } catch (error) {
      log.debug('No super-peer answered a search', { error });
      return { ...here, tookMs: performance.now() - start, followed: { hits: here.total } };
    }
  }
}
