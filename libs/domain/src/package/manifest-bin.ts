import type { ManifestProblems } from './manifest-problems.ts';
import { isEmpty, isObject, sortedObject } from './manifest-text.ts';
import { prototypeKeys } from './strict-json.ts';

const command = /^[A-Za-z0-9_~][\w.~-]{0,213}$/;

/**
 * The commands of a package as command to file: one text means the package's own name without its scope. A file is a POSIX path
 * inside the package; what would leave it is refused, for npm clients link it into a folder on PATH.
 */
export function binField(value: unknown, name: unknown, problems: ManifestProblems): Record<string, string> | undefined {
  if (isEmpty(value)) return undefined;
  if (typeof value === 'string') {
    const own = typeof name === 'string' ? baseName(name) : '';
    const file = insidePath('bin', value, problems);
    return own && file ? { [own]: file } : undefined;
  }
  if (!isObject(value)) return problems.wrong('bin', value, 'a path or an object of command to path');
  const entries = Object.entries(value).flatMap(([key, path]) => {
    const field = `bin.${key.slice(0, 80)}`;
    const own = baseName(key);
    if (!command.test(own) || prototypeKeys.has(own)) problems.add(field, 'is not a command name');
    const file = typeof path === 'string' ? insidePath(field, path, problems) : problems.wrong(field, path, 'a path');
    return file === undefined ? [] : [[own, file] as const];
  });
  return sortedObject(entries);
}

/** The last part of a scoped name, which is how npm calls a command that is named like its package. */
function baseName(name: string): string {
  return name.startsWith('@') && name.includes('/') ? name.slice(name.indexOf('/') + 1) : name;
}

function insidePath(field: string, value: string, problems: ManifestProblems): string | undefined {
  const parts = value.replaceAll('\\', '/').split('/');
  const kept = parts.filter((part) => part !== '' && part !== '.');
  const outside = parts[0] === '' || /^[a-z]:/i.test(value) || kept.includes('..');
  // oxlint-disable-next-line no-control-regex -- control characters are what this line refuses
  const unsafe = kept.length === 0 || value.length > 1024 || !value.isWellFormed() || /[\u0000-\u001f\u007f]/.test(value);
  return outside || unsafe ? problems.wrong(field, value, 'a relative path inside the package') : kept.join('/');
}
