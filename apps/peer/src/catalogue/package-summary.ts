import type { PackageSummary } from '@souk/contracts';
import type { PackageName, PackageState } from '@souk/domain';
import { latestOf } from './package-doc.ts';

/**
 * The rules by which records become summaries. Kept summaries of other rules are made anew: raise it with every change of the fold, of what a
 * site may decide or of `packageSummary` that says something else of the same records.
 */
export const summaryRules = '1';

/** One line about a package for projections, without stars and downloads; undefined while nothing of it can be installed. */
export function packageSummary(state: PackageState | undefined): PackageSummary | undefined {
  const latest = state && latestOf(state);
  if (!state || !latest || state.publisher === undefined || state.ban !== undefined || latest.retracted?.how === 'yank') return undefined;
  const { description = '', keywords = [], license, author } = latest.release.manifest;
  return {
    name: state.name as PackageName,
    version: latest.release.version,
    kind: latest.release.kind,
    description,
    keywords,
    publisher: state.publisher,
    ...(license === undefined ? {} : { license }),
    ...(author?.name === undefined ? {} : { author: author.name }),
    updatedAt: new Date(latest.firstSeen).toISOString(),
    versions: state.versions.length,
    stars: 0,
    downloads: 0,
    ...(latest.retracted?.how === 'deprecate' ? { deprecated: latest.retracted.reason } : {}),
  };
}
