import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SoukError } from '@souk/domain';
import { writeDurably } from './durable-file.ts';
import { ifPresent, storing } from './storage-error.ts';

/** The file that makes a folder a data folder: `{ "format": "souk-data", "version": 1 }`. */
export const formatFile = 'format.json';

/** The version of the data folder's layout that this code writes and understands. */
export const dataFolderVersion = 1;

const formatName = 'souk-data';

/** The version of a folder's layout, undefined when it has none yet. Throws STORAGE_CORRUPT, STORAGE_DENIED. */
export async function readFormat(folder: string): Promise<number | undefined> {
  const path = join(folder, formatFile);
  const text = await storing(`Reading ${path}`, () => ifPresent(() => readFile(path, 'utf8')));
  if (text === undefined) return undefined;
  const version = versionIn(text);
  if (version === undefined) throw new SoukError('STORAGE_CORRUPT', `The file ${path} is damaged.`, { hint: 'Restore the data folder from a backup, or choose another one with --data.', details: { path } });
  return version;
}

function versionIn(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== formatName || !('version' in value)) return undefined;
    return Number.isInteger(value.version) ? (value.version as number) : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the format file of a new data folder. */
export async function writeFormat(folder: string): Promise<void> {
  const text = `${JSON.stringify({ format: formatName, version: dataFolderVersion })}\n`;
  await storing(`Writing ${join(folder, formatFile)}`, () => writeDurably(join(folder, formatFile), new TextEncoder().encode(text), 'replace'));
}

/** Refuses a data folder of another version: STORAGE_VERSION naming both. */
export function checkFormat(folder: string, version: number): void {
  if (version === dataFolderVersion) return;
  throw new SoukError('STORAGE_VERSION', `The data folder ${folder} has version ${version}; this Souk understands ${dataFolderVersion}.`, {
    hint: version > dataFolderVersion ? 'Start the newer Souk that wrote it, or choose another folder with --data.' : 'Choose another folder with --data and join the network again; the logs are synced from the other peers.',
    details: { path: folder, version, understood: dataFolderVersion },
  });
}
