/** What a super-peer lets others ask of it, and how long one waits for a super-peer. Milliseconds, counts. */
export interface LookupLimits {
  /** Life of a lease. */
  readonly leaseMs: number;
  /** How long changes of what is served are collected before super-peers are told. */
  readonly collectMs: number;
  /** Links to super-peers that a leaf or full peer keeps. */
  readonly supers: number;
  /** Longest wait for one answer of a super-peer. */
  readonly answerMs: number;
  /** A super-peer that has not answered by then is joined by a second one. */
  readonly hedgeMs: number;
  /** Longest silence on a stream that is being served: it stays open between two renewals. */
  readonly idleMs: number;
  /** Streams to one super-peer at once, and streams that one peer may hold open here. */
  readonly streams: number;
  /** Cids that one peer may look up, and the leases that it may bring: in a second, and at once after a pause. */
  readonly finds: { readonly perSecond: number; readonly burst: number };
  readonly leases: { readonly perSecond: number; readonly burst: number };
  /** Cids that one peer may tell of its leases. A lease of a peer that serves most is told twice at once. */
  readonly told: { readonly perSecond: number; readonly burst: number };
  /** Packages and search pages that one peer may ask for. */
  readonly queries: { readonly perSecond: number; readonly burst: number };
  /** Most bytes of records in one answer to such a question, and how many of them are made at once. */
  readonly queryBytes: number;
  readonly parallelQueries: number;
  /** How many times as much the peers of one address group may ask together. */
  readonly groupFactor: number;
  /** Other super-peers to which leases are passed on. */
  readonly replicas: number;
  /** How long a peer without enough super-peers waits before it looks for some in the DHT, the first time; a super-peer, before it lets itself be found there. */
  readonly scoutMs: number;
  /** Share of found answers that are checked with another super-peer. */
  readonly auditShare: number;
}

/** The limits unless told otherwise. */
export const defaultLookupLimits: LookupLimits = {
  leaseMs: 20 * 60_000,
  collectMs: 50,
  supers: 2,
  answerMs: 2000,
  hedgeMs: 200,
  idleMs: 20 * 60_000,
  streams: 4,
  finds: { perSecond: 500, burst: 2000 },
  leases: { perSecond: 5, burst: 50 },
  told: { perSecond: 20_000, burst: 250_000 },
  queries: { perSecond: 100, burst: 2000 },
  queryBytes: 4_194_304,
  parallelQueries: 8,
  groupFactor: 8,
  replicas: 64,
  scoutMs: 1000,
  auditShare: 0.01,
};
