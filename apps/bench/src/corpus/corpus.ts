import { createReadStream, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isSoukError, manifestOf, type PackageManifest } from '@souk/domain';
import { topFolder } from '../parts/places.ts';
import { generatedPackages } from './generated-packages.ts';
import { seededRandom, shuffled } from './seeded-random.ts';

/** One package of a corpus: its package.json, and what Souk reads of it. */
export interface CorpusPackage {
  readonly packageJson: Readonly<Record<string, unknown>>;
  readonly read: PackageManifest;
}

/** Packages to fill a catalogue with, and where they come from, for the report. */
export interface Corpus {
  readonly label: string;
  readonly packages: readonly CorpusPackage[];
}

const seed = 1;

/** The file of real packages: SOUK_CORPUS, else the one beside the repository; undefined when there is none. */
export function corpusFile(env: NodeJS.ProcessEnv): string | undefined {
  const given = env['SOUK_CORPUS'];
  if (given) return given;
  const beside = join(topFolder, '../shared/data/debian-packages.jsonl.gz');
  return existsSync(beside) ? beside : undefined;
}

/** `count` packages: of the real ones the first of a seeded shuffle that make a valid manifest, else generated ones. Throws when the file has too few. */
export async function loadCorpus(count: number, env: NodeJS.ProcessEnv): Promise<Corpus> {
  const file = corpusFile(env);
  if (file === undefined) return { label: `${count} generated packages (seed ${seed}; no file of real ones)`, packages: generatedPackages(count, seed).map(read) };
  const all = (await corpusLines(file)).map((line) => JSON.parse(line) as Record<string, unknown>);
  const packages: CorpusPackage[] = [];
  let skipped = 0;
  for (const packageJson of shuffled(all, seededRandom(seed))) {
    if (packages.length === count) break;
    const valid = readable(packageJson);
    if (valid) packages.push(valid);
    else skipped += 1;
  }
  if (packages.length < count) throw new Error(`${file} has ${packages.length} valid packages, ${count} are needed`);
  const without = skipped === 0 ? '' : `, ${skipped} without a valid manifest left out`;
  return { label: `${count} of the ${all.length} real packages of ${basename(file)} (shuffled by seed ${seed}${without})`, packages };
}

function read(packageJson: CorpusPackage['packageJson']): CorpusPackage {
  return { packageJson, read: manifestOf(packageJson) };
}

function readable(packageJson: CorpusPackage['packageJson']): CorpusPackage | undefined {
  try {
    return read(packageJson);
  } catch (error) {
    if (isSoukError(error)) return undefined;
    throw error;
  }
}

/** The lines of a file of packages, compressed or not, but empty ones. */
export async function corpusLines(file: string): Promise<string[]> {
  const source: Readable = createReadStream(file);
  const input = file.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  // A pipe does not pass errors on.
  source.on('error', (error) => input.destroy(error));
  const all: string[] = [];
  for await (const line of createInterface({ input, crlfDelay: Infinity })) if (line !== '') all.push(line);
  return all;
}
