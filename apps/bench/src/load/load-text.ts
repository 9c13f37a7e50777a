import Table from 'cli-table3';
import type { LoadResult, LoadRun, ProcessMemory } from './load-result.ts';

const number = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3))));
const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** What load goals say of a run, e.g. `goal: >= 1500 searches/s at p95 <= 20 ms: missed`. */
export type GoalLine = (result: LoadResult) => string | undefined;

function journeyTable(runs: readonly LoadRun[]): string {
  const table = new Table({ head: ['rate', 'journey', 'phase', 'count', 'per s', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'failed', 'targets'], style: { head: [], border: [] } });
  for (const { amount, journeys, held } of runs) {
    for (const one of journeys) {
      table.push([String(amount.rate), one.journey, one.phase, number(one.count), number(one.perSecond), number(one.p50), number(one.p95), number(one.p99), number(one.max), `${(one.failed * 100).toFixed(2)} %`, held ? 'held' : 'missed']);
    }
  }
  return table.toString();
}

function memoryLine({ process, medianBytes, perHourBytes, isFlat }: ProcessMemory): string {
  return `  ${process}: median ${mib(medianBytes)}, slope ${mib(perHourBytes)} an hour: ${isFlat ? 'flat' : 'GROWS'}`;
}

/** A result as text for a terminal. */
export function loadText(result: LoadResult, goalLine: GoalLine): string {
  const { machine, runs, capacity, memory, passed } = result;
  const crossed = runs.at(-1)?.held === false && capacity === undefined ? Object.entries(runs.at(-1)?.thresholds ?? {}).filter(([, ok]) => !ok).map(([bound]) => `  did not hold: ${bound}`) : [];
  const goal = goalLine(result);
  return [
    `${result.scenario}: ${result.says}`,
    `  ${result.mode}, ${result.catalogue}; ${machine.cores} cores, k6 on them too, load ${machine.load} at the start, commit ${machine.commit}`,
    journeyTable(runs),
    ...crossed,
    ...(capacity === undefined ? [] : [`  capacity: ${capacity} journeys/s`]),
    ...(memory ?? []).map(memoryLine),
    ...(goal === undefined ? [] : [`  ${goal}`]),
    `  ${passed ? 'passed' : 'FAILED'}`,
    '',
  ].join('\n');
}
