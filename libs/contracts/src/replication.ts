import { z } from 'zod';
import { Base64, Cid, Hex32, KeyId, WireRecord } from '@souk/domain';
import { request } from './contract.ts';

const subject = (verb: string): string => `souk.peer.{ordinal}.v1.${verb}`;

/** Which of a peer's log stores is meant: the logs that peers of other sites exchange too, or the site log. */
export const LogName = z.enum(['catalogue', 'site']);
export type LogName = z.infer<typeof LogName>;

/** How far a store is in the order in which everything arrived at the site; `hash` is the newest record's. */
export const WireMark = z.object({ arrival: z.int().min(0), hash: Hex32.optional(), writers: z.int().min(0), forks: z.int().min(0) });
export type WireMark = z.infer<typeof WireMark>;

/** Most records of one page of the order. */
export const maxPage = 500;

/** What comes after a mark; the records' arrivals are the numbers after it. */
export const OrderPage = z.object({
  after: WireMark,
  records: z.array(z.object({ record: WireRecord, firstSeen: z.int().min(0) })).max(maxPage),
  writers: z.array(KeyId).max(maxPage),
  forks: z.array(WireRecord).max(maxPage),
});
export type OrderPage = z.infer<typeof OrderPage>;

const log = z.object({ log: LogName });
const marked = z.object({ mark: WireMark });

/** Where a peer is in the site's order; `settled` is whether it holds what it must before anybody may count on it. */
export const readOrder = request(subject('order'), { input: log, output: marked.extend({ settled: z.boolean() }), timeoutMs: 2000 });
/** What a peer has after a mark of the same order: as much as fits. */
export const readOrderPage = request(subject('page'), { input: log.extend({ after: WireMark }), output: OrderPage, timeoutMs: 5000 });
/** The hash of the record that arrived at a place, absent beyond the newest. */
export const readOrderHash = request(subject('hash'), { input: log.extend({ arrival: z.int().min(1) }), output: z.object({ hash: Hex32.optional() }), timeoutMs: 2000 });
/** Has a replica take over what the primary has next; where it is then, on disk. Nothing is taken when the page begins elsewhere. */
export const replicateOrder = request(subject('replicate'), { input: log.extend({ page: OrderPage }), output: marked, timeoutMs: 10_000 });
/** Gives records of others, that came to a replica first, to the primary, which decides their order; where the primary is then. */
export const handOnRecords = request(subject('take'), { input: z.object({ records: z.array(WireRecord).min(1).max(maxPage) }), output: marked, timeoutMs: 10_000 });

/** The seed of the key that signs the site log, as bytes in base64url; absent where there is none. A replica holds it too, so that the site keeps its key. */
export const readSiteKey = request(subject('site-key'), { input: z.object({}), output: z.object({ seed: Base64.length(43).optional() }), timeoutMs: 2000 });

/** Most blobs that are spoken of at once between peers. */
export const maxKept = 500;

/** Has a peer hold blobs, which it takes from a sibling where they are missing; those that are on its disk then. */
export const keepBlobs = request(subject('keep'), { input: z.object({ cids: z.array(Cid).min(1).max(maxKept), from: z.int().min(0) }), output: z.object({ held: z.array(Cid) }), timeoutMs: 30_000 });
/** Which of these blobs a peer has on its disk: kept for good (`pinned`), or at all. */
export const readHeld = request(subject('held'), { input: z.object({ cids: z.array(Cid).min(1).max(maxKept) }), output: z.object({ held: z.array(Cid), pinned: z.array(Cid) }), timeoutMs: 2000 });
