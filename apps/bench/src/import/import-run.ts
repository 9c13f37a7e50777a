import { join } from 'node:path';
import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { loadCorpus } from '../corpus/corpus.ts';
import { searchQueries, type BenchQuery } from '../corpus/search-queries.ts';
import { poll } from '../parts/poll.ts';
import { shared } from '../runner/bench.ts';
import { LatencyRecorder, type Figures } from '../runner/latency-recorder.ts';
import { startSite, type SiteProcess } from '../site/site-process.ts';
import { importFile } from './import-file.ts';
import { importInto } from './import-into.ts';
import { storeAlone } from './store-alone.ts';

/** What one import of a whole file into a running site showed; all scenarios of the family are about the same one. */
export interface ImportRun {
  /** Packages per second from the start of `souk import` to its end. */
  readonly rate: number;
  /** The same of the stores alone. */
  readonly storeRate: number;
  /** p99 of the delay of the site's event loop beyond its interval in milliseconds, meanwhile and while nothing was asked of it. */
  readonly delay: { readonly meanwhile: number; readonly idle: number };
  /** Searches through the gateway in milliseconds, meanwhile and of the same words when all was imported. */
  readonly search: { readonly meanwhile: Figures; readonly afterwards: Figures };
  readonly notes: readonly string[];
}

const idleMs = 5000;
const everyMs = 50;
const indexMs = 120_000;
const [queryCount, querySource, seed] = [400, 1000, 4];

/** How often the site's event loop is looked at, in milliseconds: a loop that nothing delays is told as this. */
const intervalMs = 10;

/** What prom-client reads from `monitorEventLoopDelay` since the last time it was asked, less the interval, which is in every value. */
async function eventLoopDelay(site: SiteProcess): Promise<{ p99: number; max: number }> {
  const [p99, max] = await site.client.metrics('nodejs_eventloop_lag_p99_seconds', 'nodejs_eventloop_lag_max_seconds');
  return { p99: (p99 ?? NaN) * 1000 - intervalMs, max: (max ?? NaN) * 1000 - intervalMs };
}

/** Words of the packages, their beginnings and their names; no filters, because what is being imported divides otherwise every moment. */
async function queriesOf(): Promise<BenchQuery[]> {
  const { packages } = await loadCorpus(querySource, process.env);
  const docs = packages.map(({ read: { name, kind, manifest } }) => ({ name, kind, description: manifest.description ?? '', keywords: manifest.keywords ?? [], publisher: '' as never }));
  return searchQueries(docs, queryCount, seed).filter(({ sort }) => sort !== 'filter');
}

async function searchOnce(site: SiteProcess, query: BenchQuery, times: LatencyRecorder): Promise<void> {
  const start = process.hrtime.bigint();
  await site.client.checkedSearch(query.query);
  times.record(Number(process.hrtime.bigint() - start));
}

/** Searches one after the other, with pauses, until the work is done. */
async function searchingWhile<T>(site: SiteProcess, queries: readonly BenchQuery[], work: Promise<T>): Promise<{ done: T; figures: Figures }> {
  const times = new LatencyRecorder();
  let working = true;
  const done = work.finally(() => (working = false));
  // Whoever waits for it below hears of a failure.
  done.catch(() => undefined);
  for (let at = 0; working; at++) {
    await searchOnce(site, queries[at % queries.length] as BenchQuery, times);
    await wait(everyMs);
  }
  return { done: await done, figures: times.figures('ms') };
}

async function afterwards(site: SiteProcess, queries: readonly BenchQuery[]): Promise<Figures> {
  const times = new LatencyRecorder();
  for (const query of queries) await searchOnce(site, query, times);
  return times.figures('ms');
}

/** One import of the whole file into a new site, with searches meanwhile. */
export const importRun = shared(async (bench): Promise<ImportRun> => {
  const [file, queries] = [await importFile(bench, process.env), await queriesOf()];
  const data = join(bench.scratch, 'import');
  const site = await startSite(bench, { data });
  await eventLoopDelay(site);
  await wait(idleMs, undefined, { signal: bench.signal });
  const idle = await eventLoopDelay(site);
  bench.say(`importing ${file.label}`);
  const { done: rate, figures } = await searchingWhile(site, queries, importInto(bench, site, file));
  const meanwhile = await eventLoopDelay(site);
  const load = loadavg()[0] ?? 0;
  await poll('search has what was imported', indexMs, bench.signal, async () => (await site.client.checkedSearch({ limit: 1 })).total === file.packages);
  const search = { meanwhile: figures, afterwards: await afterwards(site, queries) };
  await site.stop();
  const storeRate = await storeAlone(data, bench.scratch, bench.signal);
  const notes = [
    `${file.label}, one signer, into a new site on this machine; ${figures.n} searches through the gateway meanwhile, one at a time, ${everyMs} ms apart; load average at its end ${load.toFixed(1)}`,
    `the site's event loop meanwhile, beyond the interval of ${intervalMs} ms at which it is looked at: p99 ${meanwhile.p99.toFixed(1)}, longest ${meanwhile.max.toFixed(1)} ms`,
  ];
  return { rate, storeRate, delay: { meanwhile: meanwhile.p99, idle: idle.p99 }, search, notes };
});
