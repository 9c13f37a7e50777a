import type { Bench } from '../runner/bench.ts';
import type { ValueScenario, ValueTrial } from '../runner/scenario.ts';
import { importRun, type ImportRun } from './import-run.ts';

function reading(value: (run: ImportRun) => number, baseline: (run: ImportRun) => number, notes: (run: ImportRun) => readonly string[] = ({ notes: all }) => all) {
  return async (bench: Bench): Promise<ValueTrial> => {
    const run = await importRun(bench);
    return { value: async () => value(run), baseline: async () => baseline(run), notes: () => notes(run), teardown: async () => {} };
  };
}

/** How fast a file of packages is published. */
export const importRate: ValueScenario = {
  name: 'import/rate',
  unit: 'packages/s',
  measures: '`souk import` of 63,664 packages into a running site, from the start of its process to its end; each package packed, signed, checked and on disk.',
  better: 'more',
  goal: 1500,
  baseline: 'the same blobs and records, written by the stores alone',
  setup: reading((run) => run.rate, (run) => run.storeRate),
};

/** Whether the site goes on answering everybody else. */
export const importEventLoop: ValueScenario = {
  name: 'import/event-loop-delay-p99',
  unit: 'ms',
  measures: "The p99 of the site's event-loop delay during `import/rate`, beyond the interval of 10 ms at which it is looked at: `nodejs_eventloop_lag_p99_seconds` of its /metrics less 10 ms.",
  better: 'less',
  goal: 20,
  baseline: 'the same of the idle site',
  setup: reading((run) => run.delay.meanwhile, (run) => run.delay.idle),
};

/** What those who search notice of an import. */
export const importSearch: ValueScenario = {
  name: 'import/search-meanwhile-p95',
  unit: 'ms',
  measures: 'The p95 of searches through the gateway during `import/rate`, from the HTTP request to the checked answer.',
  better: 'less',
  target: 100,
  baseline: 'the same searches when all was imported, without pauses',
  setup: reading(
    (run) => run.search.meanwhile.p95,
    (run) => run.search.afterwards.p95,
    ({ search, notes }) => [...notes, `p50 / p99: ${search.meanwhile.p50} / ${search.meanwhile.p99} ms meanwhile, ${search.afterwards.p50} / ${search.afterwards.p99} ms afterwards`],
  ),
};
