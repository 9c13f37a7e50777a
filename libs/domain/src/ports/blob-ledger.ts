import type { Cid } from '../id/cid.ts';

/** Why a blob is here: `pinned`: for good; `cached`: until its room is needed; `unnamed`: no record names it, so far. */
export type Keeping = 'pinned' | 'cached' | 'unnamed';

/** A blob that is here. Times are milliseconds since 1970. */
export interface HeldBlob {
  readonly cid: Cid;
  /** Bytes. */
  readonly size: number;
  readonly keeping: Keeping;
  /** When it came here; for an unnamed one when it was sent here last. */
  readonly since: number;
  /** When it was read last, or came here. */
  readonly used: number;
  /** It was published at this site and belongs on other peers of it; this one may stand in for one of them. */
  readonly isElsewhere?: true;
}

/**
 * What records say of a blob: whether it was published here, is kept by the site's policy, was published here and belongs on other peers of the
 * site, or is merely known.
 */
export interface NamedBlob {
  readonly cid: Cid;
  readonly as: 'published' | 'policy' | 'elsewhere' | 'known';
}

/** Up to where records were taken over: the newest arrival, the hash (hexadecimal) of its record, and what decided about pins. */
export interface LedgerMark {
  readonly arrival: number;
  readonly hash: string;
  readonly rule: string;
}

/** Some blobs together. */
export interface Tally {
  readonly blobs: number;
  readonly bytes: number;
}

/** All blobs that are here. */
export type Usage = Readonly<Record<Keeping, Tally>>;

/**
 * What a peer knows of its blobs beside their bytes: how much room they take, why they are here, when they were used. All of it can be
 * made anew from the blobs and the records, so the last changes may be lost in a power failure.
 */
export interface BlobLedger {
  /** A blob came here at `at`. One that was here is taken for used, and an unnamed one for sent anew. Full disk: STORAGE_FULL. */
  put(cid: Cid, size: number, at: number): Promise<void>;
  /** Many blobs came here at `at`; each as `put`, some of them when it throws. */
  putAll(blobs: readonly Pick<HeldBlob, 'cid' | 'size'>[], at: number): Promise<void>;
  /** A blob was read. Never fails, and need not be durable soon; the blob may be unknown. */
  used(cid: Cid, at: number): void;
  /** A blob is here no more; harmless when it was not. */
  remove(cid: Cid): Promise<void>;
  /** One blob, undefined when it is not here. */
  get(cid: Cid): Promise<HeldBlob | undefined>;
  /** Takes over what records say of blobs, here or not, together with the mark up to which that is. What is pinned stays pinned until `forget`. */
  name(blobs: readonly NamedBlob[], mark?: LedgerMark): Promise<void>;
  /** The mark that was given last, undefined when nothing was taken over. */
  mark(): Promise<LedgerMark | undefined>;
  /** Forgets what records said, and the mark, so that it can be told anew; until then every blob is unnamed. */
  forget(): Promise<void>;
  /** What is here now. */
  usage(): Usage;
  /** Cached blobs, those that were not used for longest first; at most `limit`. */
  leastUsed(limit: number): Promise<readonly HeldBlob[]>;
  /** Unnamed blobs that are here since before `before`; at most `limit`. */
  unnamed(before: number, limit: number): Promise<readonly HeldBlob[]>;
  /** Blobs that were published here, in ascending order of cids, those after `after`, with whether they are here; at most `limit`. */
  published(after: Cid | undefined, limit: number): Promise<readonly { readonly cid: Cid; readonly isHere: boolean }[]>;
  /** Blobs that were published at this site and belong on other peers of it, likewise. */
  elsewhere(after: Cid | undefined, limit: number): Promise<readonly { readonly cid: Cid; readonly isHere: boolean }[]>;
  /**
   * Makes the ledger level with what really is here: `listed` are all blobs, and `look` says how large one is, or that it is not here.
   * Only blobs that the ledger and the list disagree about are looked at. Blobs may come and go meanwhile.
   */
  level(listed: AsyncIterable<Cid>, look: (cid: Cid) => Promise<number | undefined>, at: number): Promise<Levelled>;
  /** Writes what waits and closes; later calls fail. */
  close(): Promise<void>;
}

/** How many blobs a ledger did not know, and how many it knew that were not here. */
export interface Levelled {
  readonly added: number;
  readonly removed: number;
}
