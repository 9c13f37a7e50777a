import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { siteProgram } from '../parts/places.ts';
import { bareNode } from '../parts/run-program.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { startSite, type SiteProcess } from '../site/site-process.ts';

async function setup(bench: Bench): Promise<Trial> {
  let site: SiteProcess | undefined;
  const data = (iteration: number): string => join(bench.scratch, `start-${iteration}`);
  return {
    run: async (iteration) => {
      site = await startSite(bench, { data: data(iteration) });
    },
    after: async (iteration) => {
      await site?.client.alive();
      await site?.stop();
      await rm(data(iteration), { recursive: true });
    },
    baseline: bareNode,
    notes: () => [`${siteProgram().label}, a new data folder each time: keys and databases are made, too`],
    teardown: async () => site?.stop(),
  };
}

/** How long `souk up` takes once it is built. */
export const startToReady: Scenario = {
  name: 'first/start-to-ready',
  unit: 'ms',
  measures: 'A site, from the start of its process to the line that says it is ready.',
  goal: 2000,
  baseline: 'node -e 0',
  repetitions: { recorded: 20, warmUp: 2 },
  quick: { recorded: 3, warmUp: 1 },
  setup,
};
