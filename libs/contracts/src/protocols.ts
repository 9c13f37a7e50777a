import { z } from 'zod';
import { bytesOf, bytesUpTo, Cid, KeyId } from '@souk/domain';

/** libp2p protocol ids and the gossip topic. */
export const protocols = { sync: '/souk/sync/1', blob: '/souk/blob/1', kad: '/souk/kad/1', headsTopic: '/souk/heads/1' } as const;

/** Most bytes of one frame between peers; a blob's bytes come in frames of at most this size too. */
export const maxFrameBytes = 262_144;

/** A record up to this size is gossiped whole, a larger one as its head. */
export const maxGossipRecord = 16_384;

/** W3C trace context that any frame may carry; meaningful only from peers of the network. */
const trace = { trace: z.string().max(128).optional() };

/** A record between peers. */
export const FrameRecord = z.object({ header: bytesUpTo(4096), signature: bytesOf(64), body: bytesUpTo(65_536).optional() });
export type FrameRecord = z.infer<typeof FrameRecord>;
/** A head between peers; `forked` when the sender holds a fork proof of that log. */
export const FrameHead = z.object({ key: KeyId, seq: z.int().min(0), hash: bytesOf(32), forked: z.boolean().optional() });
export type FrameHead = z.infer<typeof FrameHead>;
/** Two records of one log at one seq, without bodies: each peer verifies both before it believes them. */
export const FrameFork = z.object({ a: FrameRecord, b: FrameRecord });

/**
 * `/souk/sync/1`: one side asks, the other answers. `hello` carries a head root; `same` ends the exchange when the roots are equal.
 * Otherwise the asker pages through the other's heads and asks for the ranges it lacks. Every page and range says whether more follow.
 * Requests may be sent ahead; they are answered in order. The last range of a forked log carries the proof.
 */
export const SyncFrame = z.discriminatedUnion('t', [
  z.object({ t: z.literal('hello'), root: z.string().length(64), ...trace }),
  z.object({ t: z.literal('same'), ...trace }),
  z.object({ t: z.literal('differs'), root: z.string().length(64), ...trace }),
  z.object({ t: z.literal('heads?'), after: KeyId.optional(), ...trace }),
  z.object({ t: z.literal('heads'), heads: z.array(FrameHead).max(1000), more: z.boolean(), ...trace }),
  z.object({ t: z.literal('range?'), key: KeyId, from: z.int().min(0), limit: z.int().min(1).max(500).optional(), ...trace }),
  z.object({ t: z.literal('range'), records: z.array(FrameRecord).max(500), more: z.boolean(), fork: FrameFork.optional(), ...trace }),
  z.object({ t: z.literal('error'), code: z.string().max(64), message: z.string().max(1024), ...trace }),
]);
export type SyncFrame = z.infer<typeof SyncFrame>;

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

/**
 * What is gossiped: a record. One that is too large comes without its body, which announces a head that is signed;
 * a bare head is understood, but not passed on, because nobody signed it.
 */
export const GossipMessage = z.discriminatedUnion('t', [z.object({ t: z.literal('record'), record: FrameRecord, ...trace }), z.object({ t: z.literal('head'), head: FrameHead, ...trace })]);
export type GossipMessage = z.infer<typeof GossipMessage>;
