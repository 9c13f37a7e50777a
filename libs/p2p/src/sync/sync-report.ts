import type { ErrorCode, KeyId } from '@souk/domain';

/** A log that an exchange could not bring further, and why. */
export interface StoppedLog {
  readonly key: KeyId;
  /** UPGRADE_NEEDED, BAD_RECORD, BAD_SIGNATURE, BAD_FRAME, STALE_HEAD, FORKED_LOG, or RATE_LIMITED for what its introducer may not introduce now. */
  readonly code: ErrorCode;
}

/** What one exchange did. */
export interface SyncReport {
  /** The peer's id. */
  readonly peer: string;
  /** Whether both sides held the same from the beginning. */
  readonly same: boolean;
  /** Records that were new here. */
  readonly records: number;
  readonly stopped: readonly StoppedLog[];
}
