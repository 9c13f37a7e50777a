import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClosureCopy } from '../closure/closure-copy.ts';
import { startClosureSites } from '../closure/closure-sites.ts';
import { cliScript } from '../parts/places.ts';
import { bareNode, runProgram } from '../parts/run-program.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';

const full = { recorded: 40, warmUp: 3 };
const quick = { recorded: 4, warmUp: 1 };

async function setup(bench: Bench): Promise<Trial> {
  const { recorded, warmUp } = bench.quick ? quick : full;
  const sites = await startClosureSites(bench, 'cli-install', recorded + warmUp);
  const copyOf = (iteration: number): ClosureCopy => sites.copies[iteration] as ClosureCopy;
  const size = copyOf(0).packages.length;
  const folder = join(bench.scratch, 'cli-install');
  const env = { SOUK_SITE: sites.joined.url, SOUK_HOME: join(bench.scratch, 'cli-install-home') };
  return {
    before: async (iteration) => {
      await sites.expectHeld(iteration * size);
      await mkdir(folder);
    },
    run: async (iteration) => {
      const wanted = Object.entries(copyOf(iteration).dependencies).map(([name, range]) => `${name}@${range}`);
      await runProgram(process.execPath, [cliScript, 'install', ...wanted, '--dir', folder], { env, cwd: folder, signal: bench.signal });
    },
    after: async (iteration) => {
      for (const { name, version } of copyOf(iteration).packages) {
        const { version: found } = JSON.parse(await readFile(join(folder, 'souk_modules', name, 'package.json'), 'utf8')) as { version: string };
        if (found !== version) throw new Error(`${name} is ${found} instead of ${version}`);
      }
      await sites.expectHeld((iteration + 1) * size);
      await rm(folder, { recursive: true });
    },
    baseline: bareNode,
    notes: () => [sites.note],
    teardown: () => sites.stop(),
  };
}

/** `souk install` of a closure that only another peer holds, as a whole process. */
export const cliInstall: Scenario = {
  name: 'first/cli-install',
  unit: 'ms',
  measures: "`souk install` of chalk's closure of six from another peer on loopback, from the start of the process to its end.",
  target: 2000,
  goal: 300,
  baseline: 'node -e 0',
  repetitions: full,
  quick,
  setup,
};
