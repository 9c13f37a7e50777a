import type { SoukError } from '../errors/souk-error.ts';
import type { SignedRecord, VerifiedRecord } from '../record/signed-record.ts';

/** The sound beginning of some records, and what is wrong with the first one after it. */
export interface VerifiedRun {
  readonly records: readonly VerifiedRecord[];
  /** BAD_RECORD, BAD_SIGNATURE or UPGRADE_NEEDED, about the record at `records.length`; undefined when all are sound. */
  readonly problem?: SoukError;
}

/** Verifies many records without holding up whoever shares the event loop. */
export interface RecordVerifier {
  /**
   * What `verify` makes of each of the records, in their order, up to the first that is not sound.
   * Throws CANCELLED when the signal aborts, UNAVAILABLE when it is closed or what did the work has died: the same records may be given again.
   */
  verifyRun(records: readonly SignedRecord[], options?: { readonly signal?: AbortSignal }): Promise<VerifiedRun>;
  /** Ends when what it was given is done. */
  close(): Promise<void>;
}
