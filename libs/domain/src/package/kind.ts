import { z } from 'zod';

/** What a package is for: a `template` becomes a new project, a `package` is installed as it is. */
export const Kind = z.enum(['template', 'package']).meta({ id: 'Kind' });
export type Kind = z.infer<typeof Kind>;

/** Names that scaffolding tools have always used; the scope does not matter. */
const templateName = /^(?:@[^/]+\/)?(?:create-.+|cra-template(?:-.+)?|generator-.+)$/;

function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

/**
 * The kind of a package by its package.json: `kind` when given, else `souk.kind`, else template for the keyword `template`
 * or a name such as `create-x`, `cra-template-x` and `generator-x`, else package. Never throws: a wrong `souk.kind` counts
 * as none here, and `manifestOf` reports it.
 */
export function kindOf(packageJson: unknown, kind?: Kind): Kind {
  if (kind !== undefined) return kind;
  const declared = Kind.safeParse(own(own(packageJson, 'souk'), 'kind'));
  if (declared.success) return declared.data;
  const name = own(packageJson, 'name');
  if (typeof name === 'string' && templateName.test(name)) return 'template';
  const keywords = own(packageJson, 'keywords');
  const words: unknown[] = typeof keywords === 'string' ? keywords.split(/[\s,]+/) : Array.isArray(keywords) ? keywords : [];
  return words.some((word) => typeof word === 'string' && word.trim().toLowerCase() === 'template') ? 'template' : 'package';
}
