import { SearchAnswer } from '@souk/contracts';
import { LinearScan } from '../corpus/linear-scan.ts';
import { searchQueries, type BenchQuery } from '../corpus/search-queries.ts';
import type { Bench } from '../runner/bench.ts';
import { LatencyRecorder } from '../runner/latency-recorder.ts';
import { Phases } from '../runner/phases.ts';
import type { TimedScenario, Trial, ValueScenario, ValueTrial } from '../runner/scenario.ts';
import { servicesCatalogue } from './services-catalogue.ts';

const full = { recorded: 1000, warmUp: 100 };
const quick = { recorded: 200, warmUp: 20 };
const [siteSeed, serviceSeed] = [2, 5];

function checked({ sort, query }: BenchQuery, value: unknown): SearchAnswer {
  const answer = SearchAnswer.parse(value);
  if (sort === 'name' && !answer.items.some(({ name }) => name === query.q)) throw new Error(`a search for ${query.q} does not find the package of that name`);
  return answer;
}

const mixNote = 'distinct queries, one at a time: 3 of 10 a word, 2 the beginning of a name, 2 two words, 2 filters, 1 a name';

async function setupSite(bench: Bench): Promise<Trial> {
  const { site, docs, notes } = await servicesCatalogue(bench);
  const { recorded, warmUp } = bench.quick ? quick : full;
  const queries = searchQueries(docs, recorded + warmUp, siteSeed);
  const queryOf = (iteration: number): BenchQuery => queries[iteration] as BenchQuery;
  const scan = new LinearScan(docs);
  const phases = new Phases();
  let value: unknown;
  let hits = 0;
  return {
    warmedUp: () => {
      phases.reset();
      hits = 0;
    },
    run: async (iteration) => {
      const { sort, query } = queryOf(iteration);
      value = await phases.time(sort, () => site.client.search(query));
    },
    after: async (iteration) => {
      const answer = checked(queryOf(iteration), value);
      hits += answer.total;
      phases.record('in the service (tookMs)', answer.tookMs * 1e6);
      await phases.time('HTTP alone (GET /healthz)', () => site.client.alive());
    },
    baseline: async (iteration) => void scan.query(queryOf(iteration).query),
    notes: () => [...notes, `${recorded} ${mixNote}; ${Math.round(hits / recorded)} hits on average`, phases.note('ms')],
    teardown: async () => {},
  };
}

/** Search over the whole real catalogue, as somebody at a site of separate services has it. */
export const searchSite: TimedScenario = {
  name: 'search/site-63664',
  unit: 'ms',
  measures: 'A search over 63,664 packages through gateway, NATS and search service, each a process of its own, from the HTTP request to the parsed answer.',
  target: 100,
  goal: 10,
  baseline: 'linear scan in this process',
  repetitions: full,
  quick,
  setup: setupSite,
};

async function setupService(bench: Bench): Promise<ValueTrial> {
  const { site, docs, notes } = await servicesCatalogue(bench);
  const { recorded, warmUp } = bench.quick ? quick : full;
  const scan = new LinearScan(docs);
  const [own, linear] = [new LatencyRecorder(), new LatencyRecorder()];
  for (const [iteration, one] of searchQueries(docs, recorded + warmUp, serviceSeed).entries()) {
    bench.signal.throwIfAborted();
    const { tookMs } = checked(one, await site.client.search(one.query));
    const start = process.hrtime.bigint();
    scan.query(one.query);
    const scannedNs = Number(process.hrtime.bigint() - start);
    if (iteration < warmUp) continue;
    own.record(tookMs * 1e6);
    linear.record(scannedNs);
  }
  const [took, scanned] = [own.figures('ms'), linear.figures('ms')];
  return { value: async () => took.p95, baseline: async () => scanned.p95, notes: () => [...notes, `${took.n} ${mixNote}`, `in the service p50 ${took.p50}, p99 ${took.p99} ms`], teardown: async () => {} };
}

/** What of such a search is the service's own work. */
export const searchService: ValueScenario = {
  name: 'search/service-63664-p95',
  unit: 'ms',
  measures: 'The p95 of the time that the search service itself takes over 63,664 packages, as its answers say it (`tookMs`).',
  better: 'less',
  goal: 5,
  baseline: 'the p95 of a linear scan in this process',
  setup: setupService,
};
