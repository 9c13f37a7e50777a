import { isSoukError, SoukError, violation, type ArchiveRule, type Violation } from '@souk/domain';

const unpackHint = 'Nothing of it was used. Pack the folder again with `npm pack` or publish the folder itself; `souk verify FILE.tgz` lists every violation.';

/** The error that an archive breaks the policy: BAD_ARCHIVE with details `{ violations }`. */
export function badArchive(violations: readonly Violation[], hint: string = unpackHint): SoukError {
  const [first] = violations;
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : '';
  const where = first?.entry ? ` ${JSON.stringify(first.entry)}:` : '';
  return new SoukError('BAD_ARCHIVE', `The archive is refused:${where} ${first?.message ?? 'it breaks the policy.'}${more}`, {
    hint,
    details: { violations: [...violations] },
  });
}

/** BAD_ARCHIVE for one rule. */
export function brokenRule(rule: ArchiveRule, entry: string, message: string): SoukError {
  return badArchive([violation(rule, entry, message)]);
}

/** The violations that a BAD_ARCHIVE of this library carries; undefined for any other error. */
export function violationsOf(error: unknown): readonly Violation[] | undefined {
  if (!isSoukError(error) || error.code !== 'BAD_ARCHIVE') return undefined;
  return (error.details?.['violations'] ?? []) as readonly Violation[];
}
