import type { ManifestProblems } from './manifest-problems.ts';

/** Control characters and line ends, which would move a terminal's cursor. */
const controls = /[\p{Cc}\s]+/gu;
/** Marks that reorder the text around them, so that it reads as something else (Unicode TR 36). */
const reordering = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text that is safe to show on one line: well-formed, without control and reordering characters, single spaces, at most `max` characters. */
export function oneLine(text: string, max: number): string {
  const clean = text.toWellFormed().replace(reordering, '').replace(controls, ' ').trim();
  const characters = [...clean];
  return characters.length <= max ? clean : characters.slice(0, max).join('').trimEnd();
}

/** What npm treats as left out: nothing, false, and an empty text, list or object. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Order by UTF-16 code units, the same on every machine. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An object with its keys in order. */
export function sortedObject<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => byText(a, b)));
}

/** A one-line text field; undefined when it is empty. */
export function textField(field: string, value: unknown, max: number, problems: ManifestProblems): string | undefined {
  if (isEmpty(value)) return undefined;
  if (typeof value !== 'string') return problems.wrong(field, value, 'a text');
  return oneLine(value, max) || undefined;
}

/** Keywords in the author's order, each once: a list, or npm's old form of one text with commas. At most 64, each cut at 64 characters. */
export function keywordsField(value: unknown, problems: ManifestProblems): string[] | undefined {
  if (isEmpty(value)) return undefined;
  const words: unknown[] | undefined = typeof value === 'string' ? value.split(/,\s*|\s+/) : Array.isArray(value) ? value : undefined;
  if (!words) return problems.wrong('keywords', value, 'a list of texts');
  const kept = new Set<string>();
  for (const [index, word] of words.entries()) {
    if (isEmpty(word)) continue;
    if (typeof word === 'string') kept.add(oneLine(word, 64));
    else problems.wrong(`keywords.${index}`, word, 'a text');
  }
  kept.delete('');
  return kept.size === 0 ? undefined : [...kept].slice(0, 64);
}
