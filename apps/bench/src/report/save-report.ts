import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SoukError } from '@souk/domain';
import type { Result } from '../runner/result.ts';
import type { Machine } from './machine.ts';

/** A run as it is kept. */
export interface SavedReport {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly results: readonly Result[];
}

/** The file that a name stands for. Throws BAD_REQUEST for a name that could lead elsewhere. */
export function reportFile(folder: string, name: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/i.test(name)) return join(folder, `${name}.json`);
  throw new SoukError('BAD_REQUEST', `"${name.slice(0, 80)}" is no name for a report.`, { hint: 'Use letters, digits, dots and dashes, as in main-2.' });
}

/** Writes a run to `folder/name.json`, over an older one of that name, and answers the file. */
export async function saveReport(folder: string, name: string, report: SavedReport): Promise<string> {
  const file = reportFile(folder, name);
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
  return file;
}
