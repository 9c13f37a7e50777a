import { z } from 'zod';
import { bytesOf, bytesUpTo, Cid, KeyId, maxFollowed, maxLeaseMs, SignedCharter, SignedStatement } from '@souk/domain';

/** libp2p protocol ids and the gossip topic. */
export const protocols = { sync: '/souk/sync/1', push: '/souk/push/1', blob: '/souk/blob/1', lookup: '/souk/lookup/1', network: '/souk/network/1', query: '/souk/query/1', kad: '/souk/kad/1', headsTopic: '/souk/heads/1' } as const;

/** Most bytes of one frame between peers; a blob's bytes come in frames of at most this size too. */
export const maxFrameBytes = 262_144;

/** A record up to this size is gossiped whole, a larger one as its head. */
export const maxGossipRecord = 16_384;

/** W3C trace context that any frame may carry; meaningful only from peers of the network. */
const trace = { trace: z.string().max(128).optional() };

/** A record between peers. */
export const FrameRecord = z.object({ header: bytesUpTo(4096), signature: bytesOf(64), body: bytesUpTo(65_536).optional() });
export type FrameRecord = z.infer<typeof FrameRecord>;
/** A head between peers. */
export const FrameHead = z.object({ key: KeyId, seq: z.int().min(0), hash: bytesOf(32) });
export type FrameHead = z.infer<typeof FrameHead>;
/** Two records of one log at one seq, without bodies: each peer verifies both before it believes them. */
export const FrameFork = z.object({ a: FrameRecord, b: FrameRecord });

/** Most of what one sync frame asks for or answers. */
export const maxSync = { nodes: 32, logs: 64, records: 500 } as const;

/**
 * A node of the tree of heads (`HeadTree` of @souk/domain): the 32 byte digests of its 16 children, zeros where there is none, or, of a leaf,
 * its heads. A forked log is told as seq 0 with a hash of zeros.
 */
export const FrameNode = z.union([z.object({ digests: bytesOf(512) }), z.object({ heads: z.array(FrameHead).max(32) })]);
export type FrameNode = z.infer<typeof FrameNode>;
/** A log's records from the one asked for on, without a gap; whether there are more; and the proof, with the last of a forked log. */
export const FrameRun = z.object({ records: z.array(FrameRecord).max(maxSync.records), more: z.boolean(), fork: FrameFork.optional() });
export type FrameRun = z.infer<typeof FrameRun>;

/** Where a node is in the tree: the hexadecimal digits with which the positions of its heads begin. */
const path = z.string().regex(/^[0-9a-f]{0,64}$/);

/**
 * `/souk/sync/1`: one side asks, the other answers, in order; requests may be sent ahead. `hello` carries a head root; `same` ends the exchange
 * when the roots are equal, `differs` carries the other root and its node. The asker descends by `nodes?`, only where digests differ from its
 * own, and gets the nodes of that root, however the other side's logs grow meanwhile. By `records?` it asks for what it lacks of each log; the
 * answer has a run for each of them, in order, and ends where the frame is full: what was left out is asked for again.
 */
export const SyncFrame = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), root: z.string().length(64), ...trace }),
  z.object({ t: z.literal('same'), ...trace }),
  z.object({ t: z.literal('differs'), root: z.string().length(64), node: FrameNode, ...trace }),
  z.object({ t: z.literal('nodes?'), at: z.array(path).min(1).max(maxSync.nodes), ...trace }),
  z.object({ t: z.literal('nodes'), nodes: z.array(FrameNode).min(1).max(maxSync.nodes), ...trace }),
  z.object({ t: z.literal('records?'), logs: z.array(z.object({ key: KeyId, from: z.int().min(0), limit: z.int().min(1).max(maxSync.records).optional() })).min(1).max(maxSync.logs), ...trace }),
  z.object({ t: z.literal('records'), runs: z.array(FrameRun).min(1).max(maxSync.logs), ...trace }),
  z.object({ t: z.literal('error'), code: z.string().max(64), message: z.string().max(1024), ...trace }),
]);
export type SyncFrame = z.infer<typeof SyncFrame>;

/** Most records of one push frame. */
export const maxPushed = 64;

/**
 * `/souk/push/1`, which a leaf opens to its super-peer and keeps open: it sends `follow`, with the `logs` that it follows unless those are all, and is sent the rest. `root` is the super-peer's head
 * root, first at once and then from time to time, when nothing waits to be pushed: it shows what was missed. `records` are new ones, of any logs, in the order in which
 * they arrived there. `behind` says that there is news that is not pushed and has to be taken by `/souk/sync/1`.
 */
export const PushFrame = z.discriminatedUnion('t', [
  z.object({ t: z.literal('follow'), logs: z.array(KeyId).max(maxFollowed).optional(), ...trace }),
  z.object({ t: z.literal('root'), root: z.string().length(64), ...trace }),
  z.object({ t: z.literal('records'), records: z.array(FrameRecord).min(1).max(maxPushed), ...trace }),
  z.object({ t: z.literal('behind'), ...trace }),
  z.object({ t: z.literal('error'), code: z.string().max(64), message: z.string().max(1024), ...trace }),
]);
export type PushFrame = z.infer<typeof PushFrame>;

/** `/souk/blob/1`: `have?` asks whether a blob is there; `get?` asks for a slice, answered by `size` (bytes that follow: the slice, cut at the blob's end) and then `bytes` up to it. */
export const BlobFrame = z.discriminatedUnion('t', [
  z.object({ t: z.literal('have?'), cids: z.array(Cid).min(1).max(100), ...trace }),
  z.object({ t: z.literal('have'), cids: z.array(Cid).max(100), ...trace }),
  z.object({ t: z.literal('get?'), cid: Cid, offset: z.int().min(0), length: z.int().min(1).max(16_777_216), ...trace }),
  z.object({ t: z.literal('size'), size: z.int().min(0), ...trace }),
  z.object({ t: z.literal('bytes'), bytes: bytesUpTo(maxFrameBytes - 1024), ...trace }),
  z.object({ t: z.literal('error'), code: z.string().max(64), message: z.string().max(1024), ...trace }),
]);
export type BlobFrame = z.infer<typeof BlobFrame>;

const peerId = z.string().min(1).max(128);
const bucket = z.int().min(0).max(255);
/** Most providers of one cid in an answer. */
export const maxFound = 8;

/**
 * `/souk/lookup/1`, between any peer and a super-peer: one side asks, the other answers each request before the next.
 * `lease` is answered by `leased`, by `stale` with the lease that counts more, or by `differs`; then `hashes` names the SHA-256 of the lease's
 * buckets that are not empty (`filled` is their bitmap, the lowest bit of the first byte is bucket 0) and `wants` says which to send, until `leased`.
 * Between super-peers a lease is another peer's, and `ageMs` says how much of its life has passed. `find?` is answered by `found`: providers by their
 * place in `leases`, each with what is left of its life. `have?` asks which cids anybody leases.
 */
export const LookupFrame = z.discriminatedUnion('t', [
  z.object({ t: z.literal('lease'), statement: SignedStatement, ageMs: z.int().min(0).max(maxLeaseMs).optional(), ...trace }),
  z.object({ t: z.literal('leased'), fulls: z.array(z.string().max(256)).max(20).optional(), ...trace }),
  z.object({ t: z.literal('stale'), statement: SignedStatement, ...trace }),
  z.object({ t: z.literal('differs'), ...trace }),
  z.object({ t: z.literal('hashes'), peer: peerId, filled: bytesOf(32), hashes: bytesUpTo(8192), ...trace }),
  z.object({ t: z.literal('wants'), buckets: z.array(bucket).max(256), ...trace }),
  z.object({ t: z.literal('buckets'), peer: peerId, buckets: z.array(z.object({ bucket, digests: bytesUpTo(maxFrameBytes - 1024) })).min(1).max(256), ...trace }),
  z.object({ t: z.literal('find?'), cids: z.array(Cid).min(1).max(100), ...trace }),
  z.object({
    t: z.literal('found'),
    leases: z.array(z.object({ statement: SignedStatement, leftMs: z.int().min(0).max(maxLeaseMs) })).max(256),
    answers: z.array(z.object({ cid: Cid, providers: z.array(z.int().min(0).max(255)).max(maxFound) })).max(100),
    ...trace,
  }),
  z.object({ t: z.literal('have?'), cids: z.array(Cid).min(1).max(100), ...trace }),
  z.object({ t: z.literal('have'), cids: z.array(Cid).max(100), ...trace }),
  z.object({ t: z.literal('error'), code: z.string().max(64), message: z.string().max(1024), ...trace }),
]);
export type LookupFrame = z.infer<typeof LookupFrame>;

/** Name of a zone: machines that may fail together. As values of Kubernetes' labels are. */
export const Zone = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, 'a zone has at most 63 letters, digits, dots, dashes and underscores');

/** Most addresses of super-peers that one peer tells another. */
export const maxToldSupers = 16;

/**
 * `/souk/network/1`: what peers tell each other about their network; one side asks, the other answers each request before the next.
 * `hello` carries the version of the charter that the asker holds, 0 for none; it is answered by the `charter` where the other side holds a newer
 * one, else by `version`, which the asker answers by its own `charter` when that is newer. `supers?` asks a super-peer for others of its kind and for its own zone,
 * `fresh?` for its signed statement of what there is, and `tree?` for nodes of the tree of heads whose root it signed, as `nodes?` does when syncing.
 */
export const NetworkFrame = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), version: z.int().min(0), ...trace }),
  z.object({ t: z.literal('version'), version: z.int().min(0), ...trace }),
  z.object({ t: z.literal('charter'), charter: SignedCharter, ...trace }),
  z.object({ t: z.literal('supers?'), ...trace }),
  z.object({ t: z.literal('supers'), addresses: z.array(z.string().max(256)).max(maxToldSupers), zone: Zone.optional(), ...trace }),
  z.object({ t: z.literal('fresh?'), ...trace }),
  z.object({ t: z.literal('fresh'), statement: SignedStatement, ...trace }),
  z.object({ t: z.literal('tree?'), root: z.string().regex(/^[0-9a-f]{64}$/), at: z.array(path).min(1).max(maxSync.nodes), ...trace }),
  z.object({ t: z.literal('tree'), nodes: z.array(FrameNode).min(1).max(maxSync.nodes), ...trace }),
  z.object({ t: z.literal('error'), code: z.string().max(64), message: z.string().max(1024), ...trace }),
]);
export type NetworkFrame = z.infer<typeof NetworkFrame>;

/**
 * What is gossiped: a record. One that is too large comes without its body, which announces a head that is signed;
 * a bare head is understood, but not passed on, because nobody signed it.
 */
export const GossipMessage = z.discriminatedUnion('t', [z.object({ t: z.literal('record'), record: FrameRecord, told: z.int().min(0).max(8_640_000_000_000_000).optional(), ...trace }), z.object({ t: z.literal('head'), head: FrameHead, ...trace })]);
export type GossipMessage = z.infer<typeof GossipMessage>;
