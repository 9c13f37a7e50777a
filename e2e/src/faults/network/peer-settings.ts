import type { Role } from '@souk/contracts';
import type { IndexLimits, Introduction } from '@souk/domain';
import type { LookupLimits, PeerLimits } from '@souk/p2p';

/** How a peer in a process of its own is made. */
export interface PeerSettings {
  /** Its identity follows from it, and so does the peer's folder. */
  readonly name: string;
  readonly role?: Role;
  /** Addresses of the network's super-peers. */
  readonly supers?: readonly string[];
  /** Addresses that it is told of. */
  readonly join?: readonly string[];
  readonly limits?: Partial<PeerLimits>;
  readonly lookupLimits?: Partial<LookupLimits>;
  readonly reconcileMs?: number;
  /** What one other peer may introduce in a day, if there is to be a bound. */
  readonly perDay?: Introduction;
  /** What the index of a super-peer may hold. */
  readonly indexLimits?: IndexLimits;
  /** Ranges where many peers of one address count as many; those of every peer unless given. */
  readonly sharedRanges?: readonly string[];
  /** Whether logs, blobs and remembered addresses are on disk: what is not is gone with the process. False unless given. */
  readonly isDurable?: boolean;
  /** Whether addresses of others are kept for the next start; true unless given. */
  readonly remembers?: boolean;
}

/** The same in the process that hosts the peer. */
export interface HostSettings extends PeerSettings {
  readonly folder: string;
  /** Where it listened before, if it did: a peer that is started again is found where it was. */
  readonly listen?: string;
}

/** How busy a process is and what it takes. */
export interface Load {
  /** How long the event loop was late since the last question, in milliseconds. */
  readonly lateMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Memory in use after everything that can be freed was, and resident, in MiB. */
  readonly heapMiB: number;
  readonly rssMiB: number;
}
