import type { Cid } from '../id/cid.ts';

/** Which slice of a blob; `length` undefined means to the end. */
export interface BlobSlice {
  readonly offset: number;
  readonly length?: number;
}

/** Limits of one put. */
export interface PutOptions {
  /** Most bytes; beyond it TOO_LARGE. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
  /** The blob that is to come of it, when it may take several attempts: what one of them leaves, the next one can read. */
  readonly resume?: Cid;
}

/** A blob being written: invisible until committed, gone when aborted; after a crash too, unless it may be resumed. */
export interface BlobDraft {
  /** Bytes written so far. */
  readonly size: number;
  /** Writes the next bytes; throws TOO_LARGE, STORAGE_FULL. */
  write(chunk: Uint8Array): Promise<void>;
  /** Reads back what was written, so that it can be checked before it is kept. */
  read(): AsyncIterable<Uint8Array>;
  /** Checks the SHA-256 against the cid (CID_MISMATCH), makes it durable (fsync, rename, fsync of the folder) and visible. */
  commit(cid: Cid): Promise<void>;
  /** Throws it away; harmless after commit. */
  abort(): Promise<void>;
  /** Ends it, but leaves its bytes to the next draft of the same blob when it may be resumed; else as `abort`. */
  suspend(): Promise<void>;
  /** The bytes that an attempt before this one left, to be checked before they are written anew; none when there was none. Read before anything is written. */
  left(): AsyncIterable<Uint8Array>;
}

/** A blob that is in memory. */
export interface SmallBlob {
  readonly cid: Cid;
  readonly bytes: Uint8Array;
}

/** Blobs by cid. What is visible is whole, durable and equal to its cid when it was written. */
export interface BlobStore {
  /** Begins a blob. */
  draft(options: PutOptions): Promise<BlobDraft>;
  /**
   * Keeps blobs that are in memory with one wait for the disk for all of them: durable and visible when it resolves; when it throws,
   * some of them may be kept. Returns the cids that are new. It may hold up its thread for as long as the disk takes, so thousands of blobs
   * are the work of a worker thread. Throws CID_MISMATCH, before anything is written, and STORAGE_FULL.
   */
  putAll(blobs: readonly SmallBlob[]): Promise<readonly Cid[]>;
  /** Size in bytes, undefined when the blob is not here. */
  size(cid: Cid): Promise<number | undefined>;
  /** A blob's bytes; throws BLOB_NOT_FOUND, RANGE_NOT_SATISFIABLE for an offset beyond the end. A longer length is cut at the end. */
  read(cid: Cid, slice?: BlobSlice): Promise<AsyncIterable<Uint8Array>>;
  /** All cids, in no promised order. */
  list(): AsyncIterable<Cid>;
  /** Deletes; harmless when absent. */
  delete(cid: Cid): Promise<void>;
  /** Closes; drafts still open are thrown away. */
  close(): Promise<void>;
}
