import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '@souk/domain';
import { dataFolderVersion, openDataFolder, type DataFolder } from '@souk/store';
import { packageOfFiles } from '@souk/testing/archives';
import { author, type Author } from '@souk/testing/builders';
import { generatedPackages } from '../corpus/generated-packages.ts';
import { cacheFolder } from '../parts/places.ts';
import type { Bench } from '../runner/bench.ts';
import { prepare, signRelease } from '../site/publishing.ts';

/** Versions of each package. */
export const versionsEach = 4;
/** The seed of the generated packages. */
export const releaseSeed = 1;
/** How many versions each package has, and how many publishers there are, unless something else is said. */
const usual = { versions: versionsEach, authors: 100 };
/** Releases of one transaction. */
const batch = 500;

/** A data folder full of releases. */
export interface ReleaseFolder {
  readonly path: string;
  readonly releases: number;
  readonly packages: number;
  /** A name and a version that are in it. */
  readonly sample: { readonly name: string; readonly version: string };
}

interface Wanted {
  readonly packageJson: Readonly<Record<string, unknown>>;
  readonly by: Author;
}

function* wantedOf(packages: readonly Record<string, unknown>[], publishers: readonly Author[], versions: number): Generator<Wanted> {
  for (let minor = 0; minor < versions; minor += 1) {
    for (const [at, packageJson] of packages.entries()) {
      yield { packageJson: { ...packageJson, version: `1.${minor}.0` }, by: publishers[at % publishers.length] as Author };
    }
  }
}

async function keep(data: DataFolder, wanted: readonly Wanted[]): Promise<void> {
  const all = [];
  for (const { packageJson, by } of wanted) {
    const prepared = await prepare(packageOfFiles({ 'package.json': `${JSON.stringify(packageJson)}\n` }) as Buffer<ArrayBuffer>);
    all.push({ blob: { cid: prepared.report.cid, bytes: prepared.bytes }, record: signRelease(by, prepared) });
  }
  await data.blobs.putAll(all.map(({ blob }) => blob));
  await data.logs.append(all.map(({ record }) => record));
}

async function build(path: string, packages: readonly Record<string, unknown>[], bench: Bench, { versions, authors }: typeof usual): Promise<void> {
  const data = await openDataFolder(path);
  try {
    const publishers = Array.from({ length: authors }, (_, at) => author(`bench publisher ${at}`));
    await data.logs.addWriters(publishers.map(({ device }) => device.key));
    await data.logs.append(publishers.flatMap(({ records }) => records));
    let done = 0;
    let next: Wanted[] = [];
    for (const one of wantedOf(packages, publishers, versions)) {
      next.push(one);
      if (next.length < batch) continue;
      throwIfAborted(bench.signal, 'The run');
      await keep(data, next);
      done += next.length;
      bench.say(`kept ${done} of ${packages.length * versions} releases`);
      next = [];
    }
    await keep(data, next);
  } finally {
    await data.close();
  }
}

/** A data folder of so many releases, four of each package and by 100 publishers unless other numbers are given, blobs included. Built once and kept between runs. */
export async function releaseFolder(releases: number, bench: Bench, of: typeof usual = usual): Promise<ReleaseFolder> {
  const packages = generatedPackages(releases / of.versions, releaseSeed);
  const kind = of === usual ? '' : `-${of.versions}-each-by-${of.authors}`;
  const path = join(cacheFolder, `${releases}-releases${kind}-v${dataFolderVersion}`);
  if (!existsSync(path)) {
    const unfinished = `${path}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(cacheFolder, { recursive: true });
    await build(unfinished, packages, bench, of);
    await rename(unfinished, path);
  }
  return { path, releases, packages: packages.length, sample: { name: String(packages[0]?.['name']), version: '1.0.0' } };
}
