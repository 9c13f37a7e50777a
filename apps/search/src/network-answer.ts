import type { NetworkSearchAnswer, SearchAnswer, SearchQuery } from '@souk/contracts';

/**
 * One page of what the site's own index found, followed by what a super-peer found beside it. `start` is when the question came, by `performance.now()`.
 * The total is the super-peer's, as long as it is not less than what is found here: its index has all that the network has.
 */
export function joined(query: SearchQuery, here: SearchAnswer, there: NetworkSearchAnswer, { isHeld, start }: { isHeld(name: string): boolean; readonly start: number }): SearchAnswer {
  const remote = there.items.filter((one) => !isHeld(one.name));
  const items = [...here.items, ...remote].slice(0, query.limit);
  const end = query.offset + query.limit;
  const isMore = end < here.total || there.next !== undefined || here.items.length + remote.length > query.limit;
  const partial = here.partial === true || there.partial === true;
  return {
    total: Math.max(here.total, there.total, query.offset + items.length),
    items,
    facets: there.total >= here.total ? there.facets : here.facets,
    ...(isMore ? { next: end } : {}),
    tookMs: performance.now() - start,
    ...(partial ? { partial } : {}),
    followed: { hits: here.total, superPeer: there.superPeer },
  };
}

/** What to ask a super-peer for: the part of the page behind what is found here. */
export function restOf(query: SearchQuery, here: Pick<SearchAnswer, 'total' | 'items'>): SearchQuery {
  return { ...query, offset: Math.max(0, query.offset - here.total), limit: Math.max(1, query.limit - here.items.length) };
}
