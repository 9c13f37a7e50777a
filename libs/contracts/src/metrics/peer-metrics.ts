import { buckets } from './buckets.ts';
import type { Metric } from './metric.ts';

const services = ['peer'] as const;
const tier = '`local`, `hot`, `warm`, `super`, `peers` or `dht`';
const superPeer = 'the id of the super-peer';
const protocol = 'the protocol id, or the topic of gossip';
const code = 'OK or a code of the error table';

/** What a peer shows of its place in the network. */
const networkMetrics = {
  souk_identities: { type: 'gauge', unit: 'one', help: 'Identities that this process hosts: what its memory is divided by to get the memory per peer.', labels: {}, services },
  souk_links: { type: 'gauge', unit: 'one', help: 'Peers that this one is linked to.', labels: {}, services },
  souk_super_peers_linked: { type: 'gauge', unit: 'one', help: 'Super-peers that this peer is linked to.', labels: {}, services },
  souk_discovery_seconds: { type: 'gauge', unit: 'seconds', help: 'Time from the start until this peer was linked to another one; not a number before.', labels: {}, services },
  souk_leased_blobs: { type: 'gauge', unit: 'one', help: 'Blobs that this peer leases.', labels: {}, services },
  souk_lease_holders: { type: 'gauge', unit: 'one', help: 'Super-peers that hold the lease of this peer.', labels: {}, services },
  souk_index_leases: { type: 'gauge', unit: 'one', help: 'Leases in the index of this super-peer; 0 at other roles.', labels: {}, services },
  souk_index_cids: { type: 'gauge', unit: 'one', help: 'Blobs that the leases in the index of this super-peer name; 0 at other roles.', labels: {}, services },
  souk_peers_behind: { type: 'gauge', unit: 'one', help: 'Linked peers that have records which are not held here.', labels: {}, services },
  souk_sync_lag_seconds: { type: 'gauge', unit: 'seconds', help: 'For how long a linked peer has been known to have records which are not held here; 0 when level with all.', labels: {}, services },
  souk_stale: { type: 'gauge', unit: 'one', help: 'Whether what is held here may not be all there is: 1, or 0.', labels: {}, services },
  souk_gossip_seconds: { type: 'histogram', unit: 'seconds', help: 'Time from the announcement of a record until it came here by gossip, by the clocks of both.', labels: {}, services, buckets: buckets.spread },
  souk_p2p_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes exchanged with other peers, by protocol.', labels: { protocol, direction: '`in` or `out`' }, services },
  souk_p2p_streams_refused_total: { type: 'counter', unit: 'one', help: 'Streams of other peers that were ended before their time, by protocol and the code of why.', labels: { protocol, code: 'a code of the error table' }, services },
  souk_introductions_deferred_total: { type: 'counter', unit: 'one', help: 'Times that records of a log had to wait because the peer that brings them has introduced too much today.', labels: {}, services },
} as const satisfies Readonly<Record<string, Metric>>;

/** What a peer shows of its lookups and fetches. */
const lookupMetrics = {
  souk_lookup_seconds: { type: 'histogram', unit: 'seconds', help: 'Time from a question for a blob to the first provider, by the tier that knew it.', labels: { tier: `${tier}, or \`none\` when nobody has it` }, services, buckets: buckets.lookup },
  souk_lookup_tier_total: { type: 'counter', unit: 'one', help: 'Tiers asked for who has a blob, and whether they knew.', labels: { tier, result: '`hit` or `miss`' }, services },
  souk_super_answers_total: { type: 'counter', unit: 'one', help: 'Answers of super-peers, and how they turned out.', labels: { peer: superPeer, verdict: '`ok`, `silent`, `bad-answer`, `omitted`, `invented`, `dead` or `frozen`' }, services },
  souk_super_audits_total: { type: 'counter', unit: 'one', help: 'Answers of super-peers that were checked with another one.', labels: { peer: superPeer }, services },
  souk_super_answer_seconds: { type: 'histogram', unit: 'seconds', help: 'How long super-peers take to answer a lookup.', labels: {}, services, buckets: buckets.lookup },
  souk_fetch_seconds: { type: 'histogram', unit: 'seconds', help: 'Time that bringing a blob from other peers took.', labels: { code }, services, buckets: buckets.transfer },
  souk_fetched_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes of blobs that were brought from other peers.', labels: {}, services },
} as const satisfies Readonly<Record<string, Metric>>;

/** What a peer shows of what it keeps. */
const storageMetrics = {
  souk_catalogue_load_seconds: { type: 'gauge', unit: 'seconds', help: 'Time that opening the data folder took: logs, indexes and the catalogue over them.', labels: {}, services },
  souk_blobs_pinned_bytes: { type: 'gauge', unit: 'bytes', help: 'Bytes of blobs that are kept for good.', labels: {}, services },
  souk_blobs_cached_bytes: { type: 'gauge', unit: 'bytes', help: 'Bytes of blobs that are kept until their room is needed.', labels: {}, services },
  souk_blobs_unnamed_bytes: { type: 'gauge', unit: 'bytes', help: 'Bytes of uploaded blobs that no record names so far.', labels: {}, services },
  souk_disk_free_bytes: { type: 'gauge', unit: 'bytes', help: 'Bytes that are free on the disk of the data folder.', labels: {}, services },
  souk_blobs_evicted_total: { type: 'counter', unit: 'one', help: 'Cached blobs that were deleted because their room was needed.', labels: {}, services },
  souk_blobs_evicted_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes of cached blobs that were deleted because their room was needed.', labels: {}, services },
  souk_blobs_swept_total: { type: 'counter', unit: 'one', help: 'Uploaded blobs that were deleted because no record named them.', labels: {}, services },
  souk_blobs_damaged_total: { type: 'counter', unit: 'one', help: 'Blobs that were found damaged on disk when they were read.', labels: {}, services },
  souk_blobs_healed_total: { type: 'counter', unit: 'one', help: 'Damaged blobs that are whole again: fetched from other peers, or sent here once more.', labels: {}, services },
  souk_blobs_below_copies: { type: 'gauge', unit: 'one', help: 'Published blobs that belong on this peer and are not here: each lacks one of its copies.', labels: {}, services },
  souk_replica_lag_records: { type: 'gauge', unit: 'one', help: 'Records that the replica lacks which is furthest behind; all of them for one that does not answer. 0 but at a primary.', labels: {}, services },
  souk_replicas_silent: { type: 'gauge', unit: 'one', help: 'Replicas that do not answer, or hold another order. 0 but at a primary.', labels: {}, services },
} as const satisfies Readonly<Record<string, Metric>>;

/** What a peer shows beside what every service does. */
export const peerMetrics = { ...networkMetrics, ...lookupMetrics, ...storageMetrics } as const;
