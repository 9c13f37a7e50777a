import type { KeyId } from '../id/key-id.ts';
import type { Head, VerifiedRecord } from '../record/signed-record.ts';
import type { LogOrder } from './log-order.ts';

/** Two different headers at one (key, seq), both signed: proof that the key's owner or thief forked the log. */
export interface ForkProof {
  readonly key: KeyId;
  readonly seq: number;
  readonly a: VerifiedRecord;
  readonly b: VerifiedRecord;
}

/** A kept record with what this store knows of it. */
export interface StoredRecord {
  readonly record: VerifiedRecord;
  /** Position in this store's order of arrival, from 1, without reuse: what projections read along, and what "first seen" means. */
  readonly arrival: number;
  /** Milliseconds since 1970 when it arrived here. */
  readonly firstSeen: number;
}

/** A record that arrived, by name only. */
export interface ArrivedHead extends Head {
  /** As in `StoredRecord`. */
  readonly arrival: number;
}

/** A record that arrived, by what it is about only. */
export interface ArrivedSubject {
  /** As in `StoredRecord`. */
  readonly arrival: number;
  /** `subjectOf` the record when it arrived; an erased body keeps it. */
  readonly subject?: string;
}

/** What became of an append. */
export interface Appended {
  /** The records that were new, in order, now durable. Those held before are left out. */
  readonly added: readonly StoredRecord[];
  /** Forks that the append revealed; the key stays frozen at the record that was held first. */
  readonly forks: readonly ForkProof[];
}

/**
 * All logs of a peer. An append is compare-and-append: per key the records continue the held head (seq + 1, prev = its hash);
 * a record that is already held, byte for byte by hash, is skipped. When the promise resolves everything added is on disk.
 */
export interface LogStore extends LogOrder {
  /**
   * Appends records of any number of keys, each key's in ascending seq, all or nothing.
   * A gap or a wrong prev throws STALE_HEAD with details `{ key, seq, hash }` of the held head (seq -1 and hash null for an unknown log).
   * A record that differs from the one held at its seq is kept as a fork proof and reported, not added, and neither are those after it;
   * appends to a forked key throw FORKED_LOG unless all records are held already. Full disk: STORAGE_FULL.
   */
  append(records: readonly VerifiedRecord[]): Promise<Appended>;
  /** The head of one log. */
  head(key: KeyId): Promise<Head | undefined>;
  /** Heads in ascending key order, those after `after`; at most `limit`. */
  heads(after: KeyId | undefined, limit: number): Promise<readonly Head[]>;
  /** How many logs and records are held and the newest arrival (0 when empty). */
  size(): Promise<{ logs: number; records: number; arrival: number }>;
  /** A log's records with seq >= from in order; at most `limit`. */
  read(key: KeyId, from: number, limit: number): Promise<readonly StoredRecord[]>;
  /** Records in order of arrival, those after `arrival`; at most `limit`. */
  since(arrival: number, limit: number): Promise<readonly StoredRecord[]>;
  /** What `since` answers, by key, seq and hash only: for whoever follows heads and needs no bytes. */
  headsSince(arrival: number, limit: number): Promise<readonly ArrivedHead[]>;
  /** Of the `limit` records that arrived after `arrival`, in order, those that have no subject or are the newest with theirs: each subject is told at its last place only. */
  subjectsSince(arrival: number, limit: number): Promise<readonly ArrivedSubject[]>;
  /** Records with that subject (`subjectOf`) in order of arrival, those after `arrival`; at most `limit`. Erased bodies keep their subject. */
  about(subject: string, arrival: number, limit: number): Promise<readonly StoredRecord[]>;
  /** Distinct subjects that begin with `prefix`, in ascending order, those after `after`; at most `limit`. */
  subjects(prefix: string, after: string | undefined, limit: number): Promise<readonly string[]>;
  /** Fork proofs held, oldest first, without the first `after` of them (none unless given); at most `limit`. */
  forks(limit: number, after?: number): Promise<readonly ForkProof[]>;
  /** The proof that a log is forked, undefined for a sound log. */
  fork(key: KeyId): Promise<ForkProof | undefined>;
  /** Forgets a record's body for good; its header stays and the chain still verifies. */
  eraseBody(key: KeyId, seq: number): Promise<void>;
  /** Notes that these keys write here: what they publish must stay. Durable when it resolves; keys that are noted already are skipped. Full disk: STORAGE_FULL. */
  addWriters(keys: readonly KeyId[]): Promise<void>;
  /** The keys that write here, in the order in which they were noted. */
  writers(): Promise<readonly KeyId[]>;
  /** Closes; later calls throw. */
  close(): Promise<void>;
}
