import type { Result } from './result.ts';
import { runScenario, type RunOptions } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { withinBench, type BenchOptions } from './within-bench.ts';

/** What a run of several scenarios takes. */
export interface SuiteOptions extends RunOptions, BenchOptions {
  /** Called with each result as soon as it is there. */
  onResult?(result: Result): void;
}

/** Runs scenarios one after the other, also after one that failed, and ends what they left. The results are in the same order. */
export async function runSuite(scenarios: readonly Scenario[], options: SuiteOptions): Promise<Result[]> {
  const { quick, scratchIn, signal, say, onResult, ...runOptions } = options;
  return withinBench({ quick, scratchIn, signal, say }, async (bench) => {
    const results: Result[] = [];
    for (const scenario of scenarios) {
      if (signal.aborted) break;
      const result = await runScenario(scenario, bench, runOptions);
      results.push(result);
      onResult?.(result);
    }
    return results;
  });
}
