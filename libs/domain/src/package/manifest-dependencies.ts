import { nameProblem } from '../id/package-name.ts';
import { isRange } from '../id/version.ts';
import type { ManifestProblems } from './manifest-problems.ts';
import { byText, isEmpty, isObject, sortedObject } from './manifest-text.ts';
import { prototypeKeys } from './strict-json.ts';

/** Longest text of a dependency's range, address or tag. */
export const maxSpecLength = 1024;

/** Names that npm accepts in dependencies: those of old packages may have upper-case letters and `!'()*`. */
export const dependencyName = /^(?:@[\w~!'()*.-]+\/)?[A-Za-z0-9_~!'()*-][\w~!'()*.-]*$/;

/** Whether a name may stand in dependencies. */
export function isDependencyName(name: string): boolean {
  return name.length <= 214 && dependencyName.test(name) && !prototypeKeys.has(name) && name !== 'node_modules';
}

/** One of npm's dependency objects: name to range, tag or address, kept as written. An empty list or null is npm's old way to say none. */
export function dependenciesField(field: string, value: unknown, problems: ManifestProblems): Record<string, string> | undefined {
  if (isEmpty(value) && value !== '') return undefined;
  if (!isObject(value)) return problems.wrong(field, value, 'an object of name to version range');
  for (const [name, spec] of Object.entries(value)) {
    const path = `${field}.${name.slice(0, 80)}`;
    if (!isDependencyName(name)) problems.add(path, 'is not a package name');
    if (typeof spec !== 'string') problems.wrong(path, spec, 'a version range such as "^1.2.0"');
    else if (spec.length > maxSpecLength || !spec.isWellFormed()) problems.add(path, `should be at most ${maxSpecLength} characters of plain text`);
  }
  return sortedObject(Object.entries(value) as [string, string][]);
}

/** Of `peerDependenciesMeta` what npm clients use: which peers are optional. */
export function peerMetaField(value: unknown, problems: ManifestProblems): Record<string, { optional: true }> | undefined {
  if (isEmpty(value)) return undefined;
  if (!isObject(value)) return problems.wrong('peerDependenciesMeta', value, 'an object of name to { optional }');
  const optional = Object.entries(value).filter(([name, meta]) => {
    if (!isDependencyName(name)) problems.add(`peerDependenciesMeta.${name.slice(0, 80)}`, 'is not a package name');
    if (!isObject(meta)) problems.wrong(`peerDependenciesMeta.${name.slice(0, 80)}`, meta, 'an object { optional }');
    return isObject(meta) && meta['optional'] === true;
  });
  return optional.length === 0 ? undefined : sortedObject(optional.map(([name]) => [name, { optional: true as const }]));
}

/** Names of dependencies that the archive brings along, in order: a list, an old object of them, or true for all of `dependencies`. */
export function bundleField(field: string, value: unknown, dependencies: Record<string, string> | undefined, problems: ManifestProblems): string[] | undefined {
  if (isEmpty(value)) return undefined;
  const names: unknown[] | undefined = value === true ? Object.keys(dependencies ?? {}) : Array.isArray(value) ? value : isObject(value) ? Object.keys(value) : undefined;
  if (!names) return problems.wrong(field, value, 'a list of package names');
  const kept = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (typeof name === 'string' && isDependencyName(name)) kept.add(name);
    else problems.wrong(`${field}.${index}`, name, 'a package name');
  }
  return kept.size === 0 ? undefined : [...kept].sort(byText);
}

/** What a template needs to be created: `souk.requires`, whose names and ranges Souk itself resolves, so both must be right. */
export function requiresField(value: unknown, self: unknown, problems: ManifestProblems): Record<string, string> | undefined {
  if (isEmpty(value)) return undefined;
  if (!isObject(value)) return problems.wrong('souk.requires', value, 'an object of name to version range');
  const entries = Object.entries(value).map(([name, range]) => {
    const path = `souk.requires.${name.slice(0, 80)}`;
    const problem = nameProblem(name);
    if (problem) problems.add(path, `is not a package name: it ${problem}`);
    else if (name === self) problems.add(path, 'requires the template itself');
    if (typeof range !== 'string' || !isRange(range)) problems.wrong(path, range, 'a version range such as "^1.2.0" or "*"');
    return [name, range === '' ? '*' : range] as [string, string];
  });
  return sortedObject(entries);
}
