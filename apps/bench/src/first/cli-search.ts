import { join } from 'node:path';
import { searchQueries } from '../corpus/search-queries.ts';
import { cliScript } from '../parts/places.ts';
import { bareNode, runProgram } from '../parts/run-program.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { catalogueSite } from '../site/catalogue-site.ts';

const full = { recorded: 50, warmUp: 3 };
const quick = { recorded: 5, warmUp: 1 };
const seed = 3;

async function setup(bench: Bench): Promise<Trial> {
  const { site, docs, notes } = await catalogueSite(bench);
  const { recorded, warmUp } = bench.quick ? quick : full;
  const words = searchQueries(docs, 10 * (recorded + warmUp), seed).flatMap(({ sort, query }) => (sort === 'word' ? [query.q ?? ''] : []));
  const env = { SOUK_SITE: site.url, SOUK_HOME: join(bench.scratch, 'cli-search-home') };
  let out = '';
  return {
    run: async (iteration) => {
      out = await runProgram(process.execPath, [cliScript, 'search', words[iteration] ?? ''], { env, signal: bench.signal });
    },
    after: async (iteration) => {
      // Every word was drawn from a package that is there.
      if (!out.startsWith('NAME')) throw new Error(`souk search ${words[iteration]} printed no table: ${out.slice(0, 200)}`);
    },
    baseline: bareNode,
    notes: () => [...notes, 'another word each time, drawn from the packages'],
    teardown: async () => {},
  };
}

/** `souk search` as a whole process. */
export const cliSearch: Scenario = {
  name: 'first/cli-search',
  unit: 'ms',
  measures: '`souk search WORD` over 10,000 packages, from the start of the process to its end.',
  goal: 200,
  baseline: 'node -e 0',
  repetitions: full,
  quick,
  setup,
};
