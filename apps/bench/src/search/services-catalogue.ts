import { join } from 'node:path';
import { manifestOf } from '@souk/domain';
import { corpusLines } from '../corpus/corpus.ts';
import type { SearchableDoc } from '../corpus/search-queries.ts';
import { importFile } from '../import/import-file.ts';
import { importInto } from '../import/import-into.ts';
import { poll } from '../parts/poll.ts';
import { shared } from '../runner/bench.ts';
import { startSite, type SiteProcess } from '../site/site-process.ts';

/** A site of one process per service that has the whole corpus. */
export interface ServicesCatalogue {
  readonly site: SiteProcess;
  readonly docs: readonly SearchableDoc[];
  /** What the catalogue is, for the report. */
  readonly notes: readonly string[];
}

const indexMs = 300_000;

/** All packages of the corpus file (4,000 in a quick run), imported by `souk import` and indexed. */
export const servicesCatalogue = shared(async (bench): Promise<ServicesCatalogue> => {
  const file = await importFile(bench, process.env);
  const site = await startSite(bench, { data: join(bench.scratch, 'services'), services: true });
  bench.say(`importing ${file.label}`);
  await importInto(bench, site, file);
  await poll('search has what was imported', indexMs, bench.signal, async () => (await site.client.checkedSearch({ limit: 1 })).total === file.packages);
  const publisher = (await site.client.checkedSearch({ limit: 1 })).items[0]?.publisher;
  if (publisher === undefined) throw new Error('search answers without a package');
  const docs = (await corpusLines(file.path)).map((line) => {
    const { name, kind, manifest } = manifestOf(JSON.parse(line) as Record<string, unknown>);
    return { name, kind, description: manifest.description ?? '', keywords: manifest.keywords ?? [], publisher };
  });
  return { site, docs, notes: [`${file.label} in a site of one process per service, over a nats-server of its own`] };
});
