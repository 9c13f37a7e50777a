import type { ArchiveLimits, ArchiveRule } from '@souk/domain';

/** One archive that must be refused. */
export interface HostileArchive {
  /** What it does, as the end of "refuses ...". */
  readonly name: string;
  /** The rule that must be among its violations. */
  readonly rule: ArchiveRule;
  readonly bytes: () => Uint8Array;
  /** Limits that differ from the default ones, to keep the case small. */
  readonly limits?: Partial<ArchiveLimits>;
}

/** A case in one line. */
export function hostile(rule: ArchiveRule, name: string, bytes: () => Uint8Array, limits?: Partial<ArchiveLimits>): HostileArchive {
  return { name, rule, bytes, ...(limits ? { limits } : {}) };
}
