import type { ManifestProblems } from './manifest-problems.ts';
import { byText, isEmpty, isObject, oneLine, sortedObject } from './manifest-text.ts';
import { prototypeKeys } from './strict-json.ts';

/** Which runtimes it needs: an object, or npm's old list such as `["node >= 0.6"]`. */
export function enginesField(value: unknown, problems: ManifestProblems): Record<string, string> | undefined {
  if (isEmpty(value)) return undefined;
  const given = typeof value === 'string' ? [value] : value;
  if (Array.isArray(given)) return engines(given.map(engineOf), problems);
  if (isObject(given)) return engines(Object.entries(given), problems);
  return problems.wrong('engines', value, 'an object such as { "node": ">=20" }');
}

function engineOf(text: unknown): [string, unknown] {
  if (typeof text !== 'string') return ['', text];
  const [, name = '', range = ''] = /^\s*([\w@/.-]*)\s*(.*)$/s.exec(text) ?? [];
  return [name, range || '*'];
}

function engines(entries: readonly (readonly [string, unknown])[], problems: ManifestProblems): Record<string, string> | undefined {
  if (entries.length > 32) return problems.add('engines', `has ${entries.length} entries but should have at most 32`);
  const kept = entries.flatMap(([name, range]): [string, string][] => {
    if (isEmpty(range) && range !== '') return [];
    if (!/^[\w@/.-]{1,64}$/.test(name) || prototypeKeys.has(name)) problems.add('engines', `names an engine ${JSON.stringify(name.slice(0, 64))}, which is not a plain word`);
    else if (typeof range === 'string') return [[name, oneLine(range, 256)]];
    else problems.wrong(`engines.${name}`, range, 'a version range');
    return [];
  });
  return kept.length === 0 ? undefined : sortedObject(kept);
}

/** A list of platforms (`os`, `cpu`, `libc`): a list or one text; in order, each once. */
export function platformField(field: string, value: unknown, problems: ManifestProblems): string[] | undefined {
  if (isEmpty(value)) return undefined;
  const words: unknown[] | undefined = typeof value === 'string' ? [value] : Array.isArray(value) ? value : undefined;
  if (!words || words.length > 64) return problems.wrong(field, value, 'a list of at most 64 platform names');
  const kept = new Set<string>();
  for (const [index, word] of words.entries()) {
    if (typeof word === 'string' && /^!?[\w.-]{1,32}$/.test(word.trim())) kept.add(word.trim());
    else problems.wrong(`${field}.${index}`, word, 'a platform name such as "linux" or "!win32"');
  }
  return kept.size === 0 ? undefined : [...kept].sort(byText);
}

/** Whether npm would run something of this package while installing it. Souk never does. */
export function installScriptField(value: unknown, problems: ManifestProblems): true | undefined {
  if (isEmpty(value)) return undefined;
  if (!isObject(value)) return problems.wrong('scripts', value, 'an object of name to command');
  return ['preinstall', 'install', 'postinstall'].some((name) => Object.hasOwn(value, name) && typeof value[name] === 'string' && value[name] !== '') || undefined;
}
