import { isRange, parseRange, requireBound, versionNotFound, type PackageState, type VersionState } from '@souk/domain';
import semver from 'semver';

const tagPattern = /^[a-z][a-z0-9._-]{0,63}$/;

function byRange(state: PackageState, range: string): VersionState | undefined {
  const installable = state.versions.filter((one) => one.retracted?.how !== 'yank');
  const best = semver.maxSatisfying(installable.map((one) => one.version), range);
  return installable.find((one) => one.version === best);
}

/**
 * The version that someone means: an exact version, else a tag, else the highest of a range that is not yanked; the empty text is `latest`.
 * Throws VERSION_NOT_FOUND, BAD_RANGE for a text that is none of them, CONTESTED_NAME.
 */
export function chooseVersion(state: PackageState, wanted: string): VersionState {
  requireBound(state);
  const text = wanted === '' ? 'latest' : wanted;
  const exact = Object.hasOwn(state.tags, text) ? state.tags[text] : text;
  const named = state.versions.find((one) => one.version === exact);
  if (named) return named;
  if (!isRange(text) && !tagPattern.test(text)) parseRange(text);
  const found = isRange(text) ? byRange(state, text) : undefined;
  if (!found) throw versionNotFound(state.name, wanted, { versions: state.versions.map((one) => one.version), tags: state.tags });
  return found;
}
