import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { corpusFile, corpusLines } from '../corpus/corpus.ts';
import { generatedPackages } from '../corpus/generated-packages.ts';
import type { Bench } from '../runner/bench.ts';

/** A file that `souk import` takes, and what is in it, for the report. */
export interface ImportFile {
  readonly path: string;
  readonly packages: number;
  readonly label: string;
}

/** As many as the file of real packages has. */
const generated = 63_664;
const inQuickRun = 4000;
const seed = 1;

/** The file of real packages as it is; generated ones where there is none; in a quick run the first thousands of either. */
export async function importFile({ quick, scratch }: Pick<Bench, 'quick' | 'scratch'>, env: NodeJS.ProcessEnv): Promise<ImportFile> {
  const real = corpusFile(env);
  const lines = real === undefined ? generatedPackages(quick ? inQuickRun : generated, seed).map((one) => JSON.stringify(one)) : await corpusLines(real);
  if (real !== undefined && !quick) return { path: real, packages: lines.length, label: `${lines.length} real packages of ${basename(real)}` };
  const some = lines.slice(0, quick ? inQuickRun : lines.length);
  const path = join(scratch, 'import.jsonl');
  await writeFile(path, `${some.join('\n')}\n`);
  return { path, packages: some.length, label: real === undefined ? `${some.length} generated packages (seed ${seed}; no file of real ones)` : `the first ${some.length} packages of ${basename(real)}` };
}
