import { toWire } from '@souk/domain';
import { packageOfFiles } from '@souk/testing/archives';
import { author } from '@souk/testing/builders';
import { manyQueriesMix, searchQueries, type BenchQuery, type SearchableDoc } from '../corpus/search-queries.ts';
import { seededRandom, shuffled } from '../corpus/seeded-random.ts';
import { introduce, prepare, signRelease } from '../site/publishing.ts';
import type { SiteClient } from '../site/site-client.ts';

/** A release that is signed already, as k6/parts/plan.ts reads it. */
export interface PreparedRelease {
  readonly cid: string;
  readonly archive: string;
  readonly append: string;
}

/** What load is made of, as k6/parts/plan.ts reads it. */
export interface LoadData {
  readonly queries: readonly string[];
  readonly paths: readonly string[];
  readonly installs: readonly string[];
  readonly releases: readonly PreparedRelease[];
}

/** Distinct searches of every run. */
export const queryCount = 6000;
const seed = 7;
const pathCount = 2000;
const installCount = 200;
/** Packages that are tried until enough of them can be resolved: not every range of a catalogue has a version. */
const mostTries = 2000;
/** Authors of the releases of a run. One author's releases have to come in order, so two of them must not be on their way at once. */
const authorCount = 50;
const releasesPerPackage = 5;

function queryString({ query }: BenchQuery): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.toString();
}

/** What is read of a catalogue: always the same for the same one. */
export async function readingData(client: SiteClient, docs: readonly SearchableDoc[]): Promise<Omit<LoadData, 'releases'>> {
  const names = shuffled(docs.map(({ name }) => name), seededRandom(seed));
  const paths = names.slice(0, pathCount).map((name, at) => `/v1/packages/${encodeURIComponent(name)}${at % 2 === 0 ? '' : '/latest'}`);
  return { queries: searchQueries(docs, queryCount, seed, manyQueriesMix).map(queryString), paths, installs: await installs(client, names) };
}

async function installs(client: SiteClient, names: readonly string[]): Promise<string[]> {
  const bodies: string[] = [];
  for (const name of names.slice(0, mostTries)) {
    if (bodies.length === installCount) break;
    const dependencies = { [name]: '*' };
    const isResolved = await client.resolve(dependencies).then(() => true, () => false);
    if (isResolved) bodies.push(JSON.stringify({ dependencies }));
  }
  return bodies;
}

/** `count` releases that nobody has published, by authors of whom the site is told now. `run` makes them differ from those of other runs. */
export async function preparedReleases(client: SiteClient, count: number, run: string): Promise<PreparedRelease[]> {
  const authors = Array.from({ length: Math.min(count, authorCount) }, (_, at) => author(`${run} author ${at}`));
  for (const one of authors) await introduce(client, one);
  const releases: PreparedRelease[] = [];
  for (let number = 0; number < count; number += 1) {
    const at = number % authors.length;
    const turn = Math.floor(number / authors.length);
    const name = `load-${run}-${at}-${Math.floor(turn / releasesPerPackage)}`;
    const packageJson = { name, version: `1.0.${turn % releasesPerPackage}`, description: `Release ${number} of a load test`, keywords: ['load', 'test'] };
    const bytes = packageOfFiles({ 'package.json': `${JSON.stringify(packageJson)}\n`, 'README.md': `# ${name}\n\nPublished by a load test.\n`, 'index.js': `export const turn = ${number};\n` });
    const prepared = await prepare(Buffer.from(bytes));
    const by = authors[at];
    if (by === undefined) throw new RangeError('there is an author for each release');
    releases.push({ cid: prepared.report.cid, archive: bytes.toString('base64'), append: JSON.stringify({ records: [toWire(signRelease(by, prepared))] }) });
  }
  return releases;
}
