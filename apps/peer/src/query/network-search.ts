import type { NetworkSearchAnswer, PackageSummary, SearchQuery } from '@souk/contracts';
import { CarriedRecords, Catalogue, noPolicy, type CataloguePolicy } from '@souk/domain';
import type { Found, Judgement, PeerNode, SuperAnswer } from '@souk/p2p';
import { packageSummary } from '../catalogue/package-summary.ts';

/** What searching needs. */
export interface NetworkSearchNeeds {
  readonly node: Pick<PeerNode, 'ask'>;
  /** What the site decides: what it bans or took down is not found by others either. */
  readonly policy: CataloguePolicy;
  now(): number;
}

/** Has a super-peer search. An answer with a hit that its records do not prove is not believed at all. Throws UNAVAILABLE, CANCELLED. */
export async function searchNetworkFor(query: SearchQuery, { node, policy, now }: NetworkSearchNeeds, signal: AbortSignal): Promise<NetworkSearchAnswer> {
  const { superPeer, found, records } = await node.ask({ t: 'search?', query }, { signal, judge });
  const { total, hits, facets, next, partial } = found as Found;
  const catalogue = new Catalogue(new CarriedRecords(records, now()), policy);
  const items: PackageSummary[] = [];
  for (const { name, versions, updatedAt } of hits) {
    const proven = packageSummary(await catalogue.package(name));
    if (proven) items.push({ ...proven, versions, updatedAt, remote: true });
  }
  return { superPeer, total, items, facets, ...(next === undefined ? {} : { next }), ...(partial === true ? { partial } : {}) };
}

/** Whether every hit has a signed release, of a key that somebody stands behind. */
async function judge({ found, records }: SuperAnswer): Promise<Judgement> {
  const catalogue = new Catalogue(new CarriedRecords(records, 0), noPolicy);
  for (const { name, version } of found?.hits ?? []) {
    const state = await catalogue.package(name);
    if (state?.publisher === undefined || !state.versions.some((one) => one.version === version)) return 'invented';
  }
  return found && found.total < found.hits.length ? 'invented' : 'enough';
}
