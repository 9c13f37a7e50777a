import { join } from 'node:path';
import { packageOfFiles } from '@souk/testing/archives';
import { author, type Author } from '@souk/testing/builders';
import { loadCorpus, type Corpus, type CorpusPackage } from '../corpus/corpus.ts';
import type { SearchableDoc } from '../corpus/search-queries.ts';
import { inParallel } from '../parts/in-parallel.ts';
import { poll } from '../parts/poll.ts';
import { shared, type Bench } from '../runner/bench.ts';
import { introduce, prepare, publishAll } from './publishing.ts';
import { startSite, type SiteProcess } from './site-process.ts';

/** A site with a whole catalogue, published through its HTTP API. */
export interface CatalogueSite {
  readonly site: SiteProcess;
  readonly docs: readonly SearchableDoc[];
  /** What the catalogue is and how fast it was loaded, for the report. */
  readonly notes: readonly string[];
}

const sizes = { full: 10_000, quick: 1000 };
const authorCount = 16;
/** Authors that publish at the same time; each one's appends come one after the other. */
const authorsAtATime = 3;
/** Packages that are packed, uploaded and signed before the next are: small enough to go on evenly. */
const batchSize = 125;
const indexMs = 120_000;

function archiveOf({ packageJson, read }: CorpusPackage): Buffer<ArrayBuffer> {
  const readme = `# ${read.name}\n\n${read.manifest.description ?? ''}\n`;
  return packageOfFiles({ 'package.json': `${JSON.stringify(packageJson, undefined, 2)}\n`, 'README.md': readme }) as Buffer<ArrayBuffer>;
}

async function publishShare(site: SiteProcess, publisher: Author, packages: readonly CorpusPackage[], signal: AbortSignal): Promise<void> {
  await introduce(site.client, publisher);
  for (let from = 0; from < packages.length; from += batchSize) {
    signal.throwIfAborted();
    const batch = packages.slice(from, from + batchSize).map((one) => prepare(archiveOf(one)));
    await publishAll(site.client, publisher, await Promise.all(batch));
  }
}

async function load(site: SiteProcess, corpus: Corpus, bench: Bench): Promise<SearchableDoc[]> {
  const authors = Array.from({ length: authorCount }, (_, at) => author(`bench publisher ${at}`));
  const docs: SearchableDoc[] = [];
  const shares = authors.map((publisher, at) => ({ publisher, packages: corpus.packages.filter((_, number) => number % authorCount === at) }));
  await inParallel(shares, authorsAtATime, async ({ publisher, packages }) => {
    await publishShare(site, publisher, packages, bench.signal);
    docs.push(...packages.map(({ read: { name, kind, manifest } }) => ({ name, kind, description: manifest.description ?? '', keywords: manifest.keywords ?? [], publisher: publisher.id })));
    bench.say(`published ${docs.length} of ${corpus.packages.length}`);
  });
  return docs;
}

/** The site with the catalogue: 10,000 packages of the corpus (1,000 in a quick run) by 16 publishers, each uploaded as an archive and signed. */
export const catalogueSite = shared(async (bench): Promise<CatalogueSite> => {
  const corpus = await loadCorpus(bench.quick ? sizes.quick : sizes.full, process.env);
  const site = await startSite(bench, { data: join(bench.scratch, 'catalogue') });
  const start = performance.now();
  const docs = await load(site, corpus, bench);
  const publishedMs = performance.now() - start;
  await poll('search has the whole catalogue', indexMs, bench.signal, async () => (await site.client.checkedSearch({ limit: 1 })).total === docs.length);
  const seconds = publishedMs / 1000;
  const indexedSeconds = (performance.now() - start) / 1000;
  const loading = `published through the HTTP API in ${seconds.toFixed(1)} s (${Math.round(docs.length / seconds)} packages/s, ${authorsAtATime} publishers at a time), all findable after ${indexedSeconds.toFixed(1)} s`;
  return { site, docs, notes: [corpus.label, loading] };
});
