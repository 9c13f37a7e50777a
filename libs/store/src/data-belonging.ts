import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SoukError } from '@souk/domain';
import { writeDurably } from './durable-file.ts';
import { ifPresent, storing } from './storage-error.ts';

/** The file that says to which network a folder belongs: `{ "network": "open" }`, or what names its key without telling it. */
export const belongingFile = 'belongs.json';

const network = /^(open|[0-9a-f]{16})$/;

/**
 * The network whose records a folder holds, undefined when that was never written. It outlives the key: a folder whose key was lost, or that
 * was restored without it, must not be taken for one of an open network. Throws STORAGE_CORRUPT, STORAGE_DENIED.
 */
export async function readBelonging(folder: string): Promise<string | undefined> {
  const path = join(folder, belongingFile);
  const text = await storing(`Reading ${path}`, () => ifPresent(() => readFile(path, 'utf8')));
  if (text === undefined) return undefined;
  const named = networkIn(text);
  if (named !== undefined) return named;
  throw new SoukError('STORAGE_CORRUPT', `The file ${path} is damaged.`, { hint: 'Restore it from a backup; it must name the network that the records belong to.', details: { path } });
}

function networkIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const named = typeof value === 'object' && value !== null && 'network' in value ? value.network : undefined;
    return typeof named === 'string' && network.test(named) ? named : undefined;
  } catch {
    return undefined;
  }
}

/** Writes to which network a folder belongs, durably. Throws STORAGE_FULL, STORAGE_DENIED. */
export async function writeBelonging(folder: string, named: string): Promise<void> {
  const path = join(folder, belongingFile);
  await storing(`Writing ${path}`, () => writeDurably(path, new TextEncoder().encode(`${JSON.stringify({ network: named })}\n`), 'replace'));
}
