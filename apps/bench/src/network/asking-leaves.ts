import { SearchQuery } from '@souk/contracts';
import { CarriedRecords, Catalogue, MemoryBlobStore, MemoryLogStore, noPolicy, seedFrom } from '@souk/domain';
import { createPeerNode, defaultLookupLimits, patientLimits, type FollowedLogs, type Judgement, type PeerNode, type SuperAnswer } from '@souk/p2p';
import { answerParent } from '../parts/asked-process.ts';
import { quietLog } from '../parts/quiet-log.ts';
import { until } from '../parts/until.ts';
import type { BenchQuery } from '../corpus/search-queries.ts';

/** A process with leaves that hold no log of others, and ask a super-peer instead. */

/** Leaves that are to start. */
export interface AskingLeaves {
  readonly leaves: number;
  readonly superPeer: string;
}

/** What a leaf was told: how long it took, and how much of it there is. */
export interface Told {
  readonly ms: number;
  readonly total: number;
  readonly hits: number;
  readonly records: number;
}

/** How many times as long as usual a super-peer is waited for: a busy machine makes a figure bad, and none is worse. */
const patience = 10;
const followsNobody: FollowedLogs = { listed: () => new Set(), onChanged: () => () => undefined };
let leaves: readonly PeerNode[] = [];

/** What a peer of Souk believes: hits whose releases are in the answer, signed by a key that somebody stands behind. */
async function judge({ found, records }: SuperAnswer): Promise<Judgement> {
  const catalogue = new Catalogue(new CarriedRecords(records, 0), noPolicy);
  for (const { name, version } of found?.hits ?? []) {
    const state = await catalogue.package(name);
    if (state?.publisher === undefined || !state.versions.some((one) => one.version === version)) return 'invented';
  }
  return 'enough';
}

async function ask(leaf: number, query: BenchQuery['query']): Promise<Told> {
  const node = leaves[leaf % leaves.length] as PeerNode;
  const parsed = SearchQuery.parse(query);
  const since = performance.now();
  const { found, records } = await node.ask({ t: 'search?', query: parsed }, { judge });
  const ms = performance.now() - since;
  if (!found) throw new Error('a super-peer answered a search with no hits and no number of them');
  return { ms, total: found.total, hits: found.hits.length, records: records.length };
}

const handlers = {
  /** Starts them; resolves when each is linked to the super-peer. */
  start: async ({ leaves: count, superPeer }: AskingLeaves): Promise<void> => {
    const limits = { ...patientLimits(patience), pingMs: 600_000 };
    const lookupLimits = { answerMs: defaultLookupLimits.answerMs * patience };
    const stores = (): { logs: MemoryLogStore; blobs: MemoryBlobStore } => ({ logs: new MemoryLogStore({ now: Date.now }), blobs: new MemoryBlobStore() });
    leaves = await Promise.all(
      Array.from({ length: count }, (_, leaf) => createPeerNode({ ...stores(), log: quietLog }, { role: 'leaf', seed: seedFrom(`asking leaf/${leaf}`), limits, lookupLimits, supers: [superPeer], listen: [], follows: followsNobody })),
    );
    await Promise.all(leaves.map((node) => node.start()));
    await until(() => leaves.every((node) => node.superPeers().length === 1));
  },
  /** One leaf searches. */
  search: ({ leaf, query }: { readonly leaf: number; readonly query: BenchQuery['query'] }): Promise<Told> => ask(leaf, query),
  /** All of them search at one moment, each for something else. */
  searchAll: (queries: readonly BenchQuery['query'][]): Promise<Told[]> => Promise.all(queries.map((query, leaf) => ask(leaf, query))),
};
/** What that process answers. */
export type AskingLeavesProcess = typeof handlers;
answerParent(handlers);
