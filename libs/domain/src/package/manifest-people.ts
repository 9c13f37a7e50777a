import type { ManifestProblems } from './manifest-problems.ts';
import { isEmpty, isObject, oneLine } from './manifest-text.ts';

/** Who wrote it, in npm's object form. */
export interface Author {
  readonly name?: string;
  readonly email?: string;
  readonly url?: string;
}

const max = 256;

/** The author, from an object or from npm's short form `Name <email> (url)`. */
export function authorField(value: unknown, problems: ManifestProblems): Author | undefined {
  if (isEmpty(value)) return undefined;
  if (typeof value === 'string') return author(fromText(value));
  if (!isObject(value)) return problems.wrong('author', value, 'a text such as "Name <email> (url)" or an object { name, email, url }');
  const parts: Record<string, string> = {};
  for (const key of ['name', 'email', 'url'] as const) {
    const part = value[key];
    if (typeof part === 'string') parts[key] = part;
    else if (!isEmpty(part)) problems.wrong(`author.${key}`, part, 'a text');
  }
  return author(parts);
}

function fromText(text: string): Record<string, string | undefined> {
  const at = text.search(/[<(]/);
  return {
    name: at < 0 ? text : text.slice(0, at),
    email: /<([^<>]*)>/.exec(text)?.[1],
    url: /\(([^()]*)\)/.exec(text)?.[1],
  };
}

function author(parts: Readonly<Record<string, string | undefined>>): Author | undefined {
  const kept = Object.entries(parts).flatMap(([key, text]) => {
    const clean = text === undefined ? '' : oneLine(text, max);
    return clean === '' ? [] : [[key, clean] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/**
 * The licence as one text: an SPDX expression, or what the author wrote instead of one. Old forms become one too: an object gives
 * its `type` (else its `url`), a list gives `(A OR B)`. `old` is the value of the old field `licenses`, read when there is no `license`.
 */
export function licenseField(value: unknown, old: unknown, problems: ManifestProblems): string | undefined {
  const [field, given] = isEmpty(value) ? (['licenses', old] as const) : (['license', value] as const);
  if (isEmpty(given)) return undefined;
  const names = (Array.isArray(given) ? given : [given]).flatMap((one: unknown) => licenseName(field, one, problems) ?? []);
  if (names.length <= 1) return names[0];
  return oneLine(`(${names.join(' OR ')})`, max);
}

function licenseName(field: string, value: unknown, problems: ManifestProblems): string | undefined {
  if (isEmpty(value)) return undefined;
  const text = isObject(value) ? [value['type'], value['name'], value['url']].find((one) => typeof one === 'string' && one !== '') : value;
  if (typeof text !== 'string') return problems.wrong(field, value, 'an SPDX expression such as "MIT"');
  return oneLine(text, max) || undefined;
}
