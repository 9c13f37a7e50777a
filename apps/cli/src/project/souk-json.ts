import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isSoukError, PackageName, parseStrictJson, SoukError } from '@souk/domain';
import { ifPresent, onDisk } from '../home/on-disk.ts';

/** Name of the file that says what a project needs. */
export const soukJsonFile = 'souk.json';

const maxBytes = 16 * 1_048_576;

const SoukJson = z.looseObject({ dependencies: z.record(PackageName, z.string().max(1024)).optional() });
/** `souk.json`: names to ranges, and whatever else its owner keeps there. */
export type SoukJson = z.infer<typeof SoukJson>;

/** Reads a JSON file of a project; undefined when there is none. Throws BAD_JSON that names the file. */
export async function readProjectJson(folder: string, file: string): Promise<unknown> {
  const bytes = await onDisk(`Reading ${file}`, () => ifPresent(() => readFile(join(folder, file))));
  if (bytes === undefined) return undefined;
  try {
    return parseStrictJson(bytes, { maxBytes });
  } catch (cause) {
    if (!isSoukError(cause)) throw cause;
    throw new SoukError('BAD_JSON', `${file}: ${cause.message}`, { hint: 'Correct it by hand; a merge may have left conflict marks.', details: { file, ...cause.details }, cause });
  }
}

/** The error for a project file whose content does not fit. */
export function badProjectFile(file: string, error: z.ZodError): SoukError {
  const problems = error.issues.map((one) => ({ path: one.path.join('.'), message: one.message }));
  return new SoukError('BAD_JSON', `${file} is not understood.`, { hint: 'Correct it by hand.', details: { file, problems } });
}

/** Reads souk.json; undefined when there is none. Throws BAD_JSON. */
export async function readSoukJson(folder: string): Promise<SoukJson | undefined> {
  const value = await readProjectJson(folder, soukJsonFile);
  if (value === undefined) return undefined;
  const parsed = SoukJson.safeParse(value);
  if (!parsed.success) throw badProjectFile(soukJsonFile, parsed.error);
  return parsed.data;
}

/** The text of souk.json with other dependencies, in order of names; other fields stay as they were. */
export function soukJsonText(before: SoukJson | undefined, dependencies: Readonly<Record<string, string>>): string {
  return `${JSON.stringify({ ...before, dependencies: sorted(dependencies) }, null, 2)}\n`;
}

/** The same entries in ascending order of keys. */
export function sorted<T>(entries: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}
