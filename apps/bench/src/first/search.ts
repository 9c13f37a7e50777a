import { SearchAnswer } from '@souk/contracts';
import { LinearScan } from '../corpus/linear-scan.ts';
import { searchQueries, type BenchQuery } from '../corpus/search-queries.ts';
import type { Bench } from '../runner/bench.ts';
import { Phases } from '../runner/phases.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { catalogueSite } from '../site/catalogue-site.ts';

const full = { recorded: 1000, warmUp: 100 };
const quick = { recorded: 200, warmUp: 20 };
const seed = 2;

function check({ sort, query }: BenchQuery, value: unknown): SearchAnswer {
  const answer = SearchAnswer.parse(value);
  if (sort === 'name' && !answer.items.some(({ name }) => name === query.q)) throw new Error(`a search for ${query.q} does not find the package of that name`);
  return answer;
}

async function setup(bench: Bench): Promise<Trial> {
  const { site, docs, notes } = await catalogueSite(bench);
  const { recorded, warmUp } = bench.quick ? quick : full;
  const queries = searchQueries(docs, recorded + warmUp, seed);
  const queryOf = (iteration: number): BenchQuery => queries[iteration] as BenchQuery;
  const scan = new LinearScan(docs);
  const phases = new Phases();
  let value: unknown;
  let hits = 0;
  let empty = 0;
  return {
    warmedUp: () => {
      phases.reset();
      [hits, empty] = [0, 0];
    },
    run: async (iteration) => {
      const { sort, query } = queryOf(iteration);
      value = await phases.time(sort, () => site.client.search(query));
    },
    after: async (iteration) => {
      const answer = check(queryOf(iteration), value);
      hits += answer.total;
      if (answer.total === 0) empty += 1;
      phases.record('in the service (tookMs)', answer.tookMs * 1e6);
      await phases.time('HTTP alone (GET /healthz)', () => site.client.alive());
    },
    baseline: async (iteration) => void scan.query(queryOf(iteration).query),
    notes: () => [...notes, `${recorded} distinct queries, one at a time: 3 of 10 a word, 2 the beginning of a name, 2 two words, 2 filters, 1 a name; ${Math.round(hits / recorded)} hits on average, ${empty} without any`, phases.note('ms')],
    teardown: async () => {},
  };
}

/** Search over a whole catalogue through the gateway. */
export const search: Scenario = {
  name: 'first/search',
  unit: 'ms',
  measures: 'A search over 10,000 packages, from the HTTP request to the parsed answer.',
  target: 100,
  goal: 10,
  baseline: 'linear scan in this process',
  repetitions: full,
  quick,
  setup,
};
