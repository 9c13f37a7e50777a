import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { manifestOf } from '@souk/domain';
import { corpusLines } from '../corpus/corpus.ts';
import { generatedPackages } from '../corpus/generated-packages.ts';
import type { SearchableDoc } from '../corpus/search-queries.ts';
import type { ImportFile } from '../import/import-file.ts';
import { importInto } from '../import/import-into.ts';
import { poll } from '../parts/poll.ts';
import type { Bench } from '../runner/bench.ts';
import { startSite, type SiteProcess } from '../site/site-process.ts';
import { readingData, type LoadData } from './load-data.ts';

/** How the site runs: all in one process, or one process per service over NATS. */
export type LoadMode = 'embedded' | 'services';

/** A site of its own for a load test, with a catalogue that `souk import` brought. */
export interface LoadSite {
  readonly site: SiteProcess;
  readonly mode: LoadMode;
  readonly packages: number;
  /** What the catalogue is, for the report. */
  readonly label: string;
  readonly reading: Omit<LoadData, 'releases'>;
}

/** What is wanted of the site. */
export interface LoadSiteOptions {
  readonly mode: LoadMode;
  /** File of packages, one package.json a line; generated ones unless given. */
  readonly corpus?: string;
  /** Folder for CPU profiles of the site's processes, written when they end. */
  readonly profiles?: string;
}

/** Packages of a generated catalogue, and what it follows from. */
const generated = { packages: 1000, seed: 1 };
const indexMs = 300_000;

async function catalogueFile(bench: Bench, corpus: string | undefined): Promise<ImportFile> {
  if (corpus !== undefined) {
    const { length } = await corpusLines(corpus);
    return { path: corpus, packages: length, label: `${length} packages of ${basename(corpus)}` };
  }
  const path = join(bench.scratch, 'catalogue.jsonl');
  await writeFile(path, `${generatedPackages(generated.packages, generated.seed).map((one) => JSON.stringify(one)).join('\n')}\n`);
  return { path, packages: generated.packages, label: `${generated.packages} generated packages (seed ${generated.seed})` };
}

async function docsOf(path: string, publisher: SearchableDoc['publisher']): Promise<SearchableDoc[]> {
  return (await corpusLines(path)).map((line) => {
    const { name, kind, manifest } = manifestOf(JSON.parse(line) as Record<string, unknown>);
    return { name, kind, description: manifest.description ?? '', keywords: manifest.keywords ?? [], publisher };
  });
}

/** Starts a site on free ports, imports the catalogue and waits until all of it is found. It ends with the run. */
export async function loadSite(bench: Bench, { mode, corpus, profiles }: LoadSiteOptions): Promise<LoadSite> {
  const file = await catalogueFile(bench, corpus);
  const settings: Record<string, string> = profiles === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profiles}` };
  const site = await startSite(bench, { data: join(bench.scratch, 'load'), services: mode === 'services', settings });
  bench.say(`importing ${file.label} into a site (${mode}) at ${site.url}`);
  await importInto(bench, site, file);
  await poll('search has what was imported', indexMs, bench.signal, async () => (await site.client.checkedSearch({ limit: 1 })).total === file.packages);
  const publisher = (await site.client.checkedSearch({ limit: 1 })).items[0]?.publisher;
  if (publisher === undefined) throw new Error('search answers without a package');
  return { site, mode, packages: file.packages, label: file.label, reading: await readingData(site.client, await docsOf(file.path, publisher)) };
}
