import type { KeyId } from '../id/key-id.ts';
import { sameBytes } from '../id/bytes.ts';
import type { VerifiedRecord } from '../record/signed-record.ts';
import type { StoredRecord } from './log-store.ts';

/** How far a store is in the order in which everything arrived: two stores with one order and equal marks hold the same. */
export interface OrderMark {
  /** Its newest arrival, 0 when empty. */
  readonly arrival: number;
  /** The hash of that record; undefined when empty. */
  readonly hash: Uint8Array | undefined;
  /** How many writers were noted. */
  readonly writers: number;
  /** How many forks are proven. */
  readonly forks: number;
}

/** What comes after a mark: records in their order of arrival, keys that write here, and of each fork the later record. */
export interface OrderSlice {
  readonly after: OrderMark;
  readonly records: readonly StoredRecord[];
  readonly writers: readonly KeyId[];
  /** Only once there are no more records: a forked log takes no more of them. */
  readonly forks: readonly VerifiedRecord[];
}

/** A store whose order of arrival another one can take over, so that both say the same about who was first. */
export interface LogOrder {
  /** Where the store is. */
  order(): Promise<OrderMark>;
  /** The hash of the record that arrived at a place; undefined for 0 and beyond the newest record. */
  hashAt(arrival: number): Promise<Uint8Array | undefined>;
  /** At most `limit` records that come after a mark of the same order, with what else is new. */
  slice(after: OrderMark, limit: number): Promise<OrderSlice>;
  /**
   * Takes over what another store has next, with its arrivals and times of first sight, all or nothing; durable when it resolves. Nothing is
   * taken when the slice begins elsewhere than this store ends. Answers where the store is then.
   * Throws STALE_HEAD or FORKED_LOG when the records do not continue the logs, STORAGE_FULL.
   */
  takeOver(slice: OrderSlice): Promise<OrderMark>;
}

/** Whether two marks are one place of one order. */
export function sameMark(a: OrderMark, b: OrderMark): boolean {
  return sameRecords(a, b) && a.writers === b.writers && a.forks === b.forks;
}

/** Whether two marks stand behind the same record. */
export function sameRecords(a: Pick<OrderMark, 'arrival' | 'hash'>, b: Pick<OrderMark, 'arrival' | 'hash'>): boolean {
  if (a.arrival !== b.arrival) return false;
  return a.hash === undefined || b.hash === undefined ? a.hash === b.hash : sameBytes(a.hash, b.hash);
}
