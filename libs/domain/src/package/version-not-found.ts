import semver from 'semver';
import { SoukError } from '../errors/souk-error.ts';
import { isRange } from '../id/version.ts';
import { nearNames } from './near-names.ts';

/** What a package has, to be said to whoever asked for something else. */
export interface PublishedVersions {
  /** In ascending order. */
  readonly versions: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Most versions and tags that an error lists, and how many a sentence names. */
const maxListed = 50;
const maxNamed = 5;

const distance = (wanted: semver.SemVer, version: string): readonly number[] => {
  const { major, minor, patch } = new semver.SemVer(version);
  if (major !== wanted.major) return [Math.abs(major - wanted.major), 0, 0];
  return minor === wanted.minor ? [0, 0, Math.abs(patch - wanted.patch)] : [0, Math.abs(minor - wanted.minor), 0];
};

/** The versions nearest to the one that was asked for, or to the lowest of a range: by major, then minor, then patch; of equally near ones the newest first. */
export function nearVersions(wanted: string, versions: readonly string[], n = maxNamed): string[] {
  const newest = versions.toReversed();
  const lowest = isRange(wanted) ? semver.minVersion(wanted) : null;
  if (lowest === null) return newest.slice(0, n);
  const far = new Map(newest.map((version) => [version, distance(lowest, version)]));
  const compare = (a: readonly number[] = [], b: readonly number[] = []): number => a.reduce((sum, one, at) => sum || one - (b[at] ?? 0), 0);
  return newest.toSorted((a, b) => compare(far.get(a), far.get(b))).slice(0, n);
}

/** What there is instead of a version that does not exist, as sentences and as facts `{ versions, tags, near }`; versions newest first. */
export function insteadOf(wanted: string, { versions, tags }: PublishedVersions): { readonly hint: string; readonly details: { versions: string[]; tags: Record<string, string>; near: string[] } } {
  const named = Object.keys(tags).sort();
  const near = isRange(wanted) ? nearVersions(wanted, versions) : nearNames(wanted, named);
  const details = { versions: versions.toReversed().slice(0, maxListed), tags: Object.fromEntries(named.slice(0, maxListed).map((tag) => [tag, tags[tag] as string])), near };
  if (versions.length === 0) return { hint: 'It has no version that counts.', details };
  const shown = isRange(wanted) ? near : versions.toReversed().slice(0, maxNamed);
  const others = versions.length - shown.length;
  const sentences = [
    ...(!isRange(wanted) && near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : []),
    `There ${versions.length === 1 ? 'is' : 'are'} ${shown.join(', ')}${others > 0 ? ` and ${others} more` : ''}.`,
    ...(named.length > 0 ? [`Tags: ${named.slice(0, maxNamed).map((tag) => `${tag} (${tags[tag]})`).join(', ')}${named.length > maxNamed ? ` and ${named.length - maxNamed} more` : ''}.`] : []),
  ];
  return { hint: sentences.join(' '), details };
}

/** VERSION_NOT_FOUND with details `{ name, wanted, versions, tags, near }` and a hint that names what was perhaps meant. */
export function versionNotFound(name: string, wanted: string, published: PublishedVersions): SoukError {
  const { hint, details } = insteadOf(wanted, published);
  const what = isRange(wanted) ? 'version' : 'version or tag';
  return new SoukError('VERSION_NOT_FOUND', `${name} has no ${what} ${wanted}.`, { hint, details: { name, wanted, ...details } });
}
