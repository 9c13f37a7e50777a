import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import type { Result } from './result.ts';
import { runScenario, type RunOptions } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';

/** What a run of several scenarios takes. */
export interface SuiteOptions extends RunOptions {
  readonly quick: boolean;
  /** The folder in which this run's temporary folder is made: on a real disk, or a figure about disks means nothing. */
  readonly scratchIn: string;
  readonly signal: AbortSignal;
  say(text: string): void;
  /** Called with each result as soon as it is there. */
  onResult?(result: Result): void;
}

/** Runs scenarios one after the other, also after one that failed, and ends what they left. The results are in the same order. */
export async function runSuite(scenarios: readonly Scenario[], options: SuiteOptions): Promise<Result[]> {
  const { quick, scratchIn, signal, say, onResult, ...runOptions } = options;
  await mkdir(scratchIn, { recursive: true });
  const scratch = await mkdtemp(join(scratchIn, 'run-'));
  const ends: (() => Promise<void>)[] = [() => rm(scratch, { recursive: true, force: true })];
  const bench: Bench = { quick, signal, scratch, say, atEnd: (end) => void ends.push(end) };
  const results: Result[] = [];
  try {
    for (const scenario of scenarios) {
      if (signal.aborted) break;
      const result = await runScenario(scenario, bench, runOptions);
      results.push(result);
      onResult?.(result);
    }
  } finally {
    for (const end of ends.reverse()) await end().catch((error: unknown) => say(`left something behind: ${String(error)}`));
  }
  return results;
}
