import semver from 'semver';
import { z } from 'zod';
import { SoukError } from '../errors/souk-error.ts';

const maxRangeLength = 1024;

function isVersion(text: string): boolean {
  return text.length <= 256 && semver.valid(text) === text;
}

/** A semantic version in canonical form, without build metadata: one version has one spelling. */
export const Version = z.string().refine(isVersion, 'must be a semantic version such as 1.2.3').meta({ format: 'version' }).brand<'Version'>();
export type Version = z.infer<typeof Version>;

/** Parses a version; throws BAD_VERSION. */
export function parseVersion(text: string): Version {
  if (!isVersion(text)) {
    throw new SoukError('BAD_VERSION', `"${text.slice(0, 80)}" is not a version.`, { hint: 'Use MAJOR.MINOR.PATCH as in 1.2.3 or 1.2.3-beta.1, without "v" and without "+build".' });
  }
  return text as Version;
}

/** Whether a text is a semver range that Souk resolves; length and alternatives are limited because ranges come from strangers. */
export function isRange(text: string): boolean {
  return text.length <= maxRangeLength && text.split('||').length <= 32 && semver.validRange(text) !== null;
}

/** A semver range in node-semver's grammar. */
export const Range = z.string().refine(isRange, 'must be a semver range such as ^1.2.0').brand<'Range'>();
export type Range = z.infer<typeof Range>;

/** Parses a range; the empty text is `*`. Throws BAD_RANGE. */
export function parseRange(text: string): Range {
  if (!isRange(text)) throw new SoukError('BAD_RANGE', `"${text.slice(0, 80)}" is not a version range.`, { hint: 'Use a semver range such as ^1.2.0, ~1.2.0, >=1 <3 or a tag such as latest.' });
  return (text === '' ? '*' : text) as Range;
}

/** Whether a version is in a range by node-semver's rule, which is the resolver's: pre-releases only where the range names one. False for a text that is no range. */
export function isInRange(version: string, range: string): boolean {
  return isRange(range) && semver.satisfies(version, range);
}
