import { describeMachine } from '../report/machine.ts';
import type { Bench } from '../runner/bench.ts';
import { highestRate } from './highest-rate.ts';
import { runK6, type Amount } from './k6-run.ts';
import { loadRun, type LoadResult, type LoadRun, type ProcessMemory } from './load-result.ts';
import type { LoadScenario } from './load-scenarios.ts';
import type { LoadSite } from './load-site.ts';
import { memoryTrend } from './memory-trend.ts';
import { watchMemory } from './memory-watch.ts';

type Outcome = Pick<LoadResult, 'runs' | 'passed' | 'capacity' | 'memory'>;

const mostRate = 5000;
const precision = 1.1;

async function once(bench: Bench, load: LoadSite, scenario: LoadScenario, amount: Amount): Promise<LoadRun> {
  return loadRun(await runK6(bench, load, scenario, amount), amount);
}

async function capacity(bench: Bench, load: LoadSite, scenario: LoadScenario, amount: Amount): Promise<Outcome> {
  const runs: LoadRun[] = [];
  const holds = async (rate: number): Promise<boolean> => {
    const run = await once(bench, load, scenario, { ...amount, rate });
    runs.push(run);
    bench.say(`${rate} journeys/s ${run.held ? 'hold' : 'do not hold'} the targets`);
    return run.held;
  };
  const found = await highestRate(holds, { from: amount.rate, most: mostRate, precision });
  return { runs, capacity: found, passed: found > 0 };
}

async function soak(bench: Bench, load: LoadSite, scenario: LoadScenario, amount: Amount): Promise<Outcome> {
  const over = new AbortController();
  const watching = watchMemory(load.site.pid, AbortSignal.any([over.signal, bench.signal]));
  const run = await once(bench, load, scenario, amount).finally(() => over.abort());
  const memory = [...(await watching)].map(([process, samples]): ProcessMemory => ({ process, samples, ...memoryTrend(samples) }));
  return { runs: [run], memory, passed: run.held && memory.every(({ isFlat }) => isFlat) };
}

/** Runs one scenario against a site, in its way. */
export async function runLoad(bench: Bench, load: LoadSite, scenario: LoadScenario, amount: Amount): Promise<LoadResult> {
  const about = { scenario: scenario.name, says: scenario.says, mode: load.mode, catalogue: load.label, packages: load.packages, machine: describeMachine(), startedAt: new Date().toISOString() };
  if (scenario.way === 'capacity') return { ...about, ...(await capacity(bench, load, scenario, amount)) };
  if (scenario.way === 'soak') return { ...about, ...(await soak(bench, load, scenario, amount)) };
  const run = await once(bench, load, scenario, amount);
  return { ...about, runs: [run], passed: run.held };
}
