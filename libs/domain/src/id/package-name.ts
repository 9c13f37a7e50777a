import { z } from 'zod';
import { SoukError } from '../errors/souk-error.ts';

/** Longest package name, scope included; npm's limit. */
export const maxNameLength = 214;

const part = /^[a-z0-9~][a-z0-9._~-]*$/;
const reserved = new Set(['node_modules', 'favicon.ico', '__proto__', 'constructor', 'prototype']);

/** Why a text is no package name, as the end of a sentence; undefined when it is one. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > maxNameLength) return `is longer than ${maxNameLength} characters`;
  const match = /^(?:@([^/]+)\/)?([^/]+)$/.exec(name);
  if (!match) return 'has an empty part or too many slashes';
  const parts = match[1] === undefined ? [match[2] as string] : [match[1], match[2] as string];
  for (const one of parts) {
    if (one !== one.toLowerCase()) return 'has upper-case letters';
    if (!part.test(one)) return 'may only have a-z, 0-9, ".", "_", "~" and "-", and must begin with a letter or digit';
    if (reserved.has(one)) return 'is reserved';
  }
  return undefined;
}

/** A package's name: npm's rules for new packages, optionally `@scope/name`. */
export const PackageName = z
  .string()
  .max(maxNameLength)
  .superRefine((name, context) => {
    const problem = nameProblem(name);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({ format: 'package-name' })
  .brand<'PackageName'>();
export type PackageName = z.infer<typeof PackageName>;

/** Parses a package name; throws BAD_NAME that says which rule it breaks. */
export function parseName(name: string): PackageName {
  const problem = nameProblem(name);
  if (problem) throw new SoukError('BAD_NAME', `The package name "${name.slice(0, 80)}" ${problem}.`, { hint: 'Use lower-case letters, digits and dashes, as in my-template or @team/my-template.' });
  return name as PackageName;
}

/** The scope of a name without its `@`, undefined for an unscoped name. */
export function scopeOf(name: string): string | undefined {
  return name.startsWith('@') ? name.slice(1, name.indexOf('/')) : undefined;
}
