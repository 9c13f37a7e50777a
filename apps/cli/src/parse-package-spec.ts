import { isRange, parseName, parseVersion, SoukError, type PackageName, type Version } from '@souk/domain';

/** A package as people write it. */
export interface PackageSpec {
  readonly name: PackageName;
  /** What stands after the `@`: a version, range or tag; undefined when nothing does. */
  readonly wanted?: string;
}

const tag = /^[a-z][a-z0-9._-]{0,63}$/;

/** Reads NAME or NAME@RANGE, with or without a scope. Throws BAD_NAME, BAD_RANGE. */
export function parsePackageSpec(text: string): PackageSpec {
  const at = text.indexOf('@', 1);
  const name = parseName(at < 0 ? text : text.slice(0, at));
  const wanted = at < 0 ? '' : text.slice(at + 1).trim();
  if (wanted === '') return { name };
  if (!isRange(wanted) && !tag.test(wanted)) {
    throw new SoukError('BAD_RANGE', `"${wanted.slice(0, 80)}" is neither a version range nor a tag.`, { hint: `Write ${name}@^1.2.0, ${name}@1.2.3 or ${name}@latest.` });
  }
  return { name, wanted };
}

/** Reads NAME@VERSION with an exact version. Throws BAD_NAME, BAD_VERSION, BAD_REQUEST when there is no version. */
export function parseExactSpec(text: string): { readonly name: PackageName; readonly version: Version } {
  const at = text.indexOf('@', 1);
  if (at < 0) throw new SoukError('BAD_REQUEST', `Which version of ${parseName(text)}?`, { hint: `Write it as ${text}@1.2.3.` });
  return { name: parseName(text.slice(0, at)), version: parseVersion(text.slice(at + 1)) };
}
