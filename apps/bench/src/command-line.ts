import { Command, CommanderError } from 'commander';
import { isSoukError } from '@souk/domain';
import { jsonLine } from './report/json-line.ts';
import { describeMachine } from './report/machine.ts';
import { reportFile, saveReport } from './report/save-report.ts';
import { reportText } from './report/table.ts';
import type { Result } from './runner/result.ts';
import { runSuite } from './runner/run-suite.ts';
import type { Scenario } from './runner/scenario.ts';
import { selectScenarios } from './runner/select-scenarios.ts';

/** What the command line works on. */
export interface Surroundings {
  readonly scenarios: readonly Scenario[];
  /** Where `--save` writes without `--out`. */
  readonly resultsFolder: string;
  /** Where the temporary folder of a run is made. */
  readonly scratchIn: string;
  readonly signal: AbortSignal;
  /** The report. */
  write(text: string): void;
  /** Progress and complaints. */
  say(text: string): void;
}

interface Options {
  readonly only: string[];
  readonly list?: true;
  readonly json?: true;
  readonly quick?: true;
  readonly strict?: true;
  readonly save?: string;
  readonly out?: string;
}

function program(around: Surroundings): Command {
  return new Command('bench')
    .description('Measures Souk on real parts: real processes, sockets, archives and signatures.')
    .option('--only <glob>', 'only the scenarios whose names match; may be given more than once', (glob: string, globs: string[]) => [...globs, glob], [])
    .option('--list', 'list the scenarios instead of running them')
    .option('--json', 'one line of JSON per scenario instead of a table')
    .option('--quick', 'fewer iterations and smaller sizes: a look, no figures to quote')
    .option('--save <name>', 'also keep the report with the facts of this machine, as NAME.json')
    .option('--out <folder>', 'where --save writes')
    .option('--strict', 'exit with 1 also when a scenario does not reach its goal')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => around.write(text), writeErr: (text) => around.say(text.trimEnd()) });
}

function listed(scenario: Scenario, asJson: boolean): string {
  const { name, unit, measures, target, goal, baseline } = scenario;
  const bound = 'better' in scenario ? (scenario.better === 'more' ? '>=' : '<=') : 'p95 <=';
  if (asJson) return JSON.stringify({ name, unit, measures, ...(target === undefined ? {} : { target }), ...(goal === undefined ? {} : { goal }), baseline });
  const others = 'alsoCalled' in scenario && scenario.alsoCalled ? ` Also called ${scenario.alsoCalled.join(', ')}.` : '';
  return `${name.padEnd(24)} ${measures} Baseline: ${baseline}.${goal === undefined ? '' : ` Goal: ${bound} ${goal} ${unit}.`}${others}`;
}

function exitCodeOf(results: readonly Result[], wanted: number, strict: boolean): number {
  if (results.length < wanted || results.some(({ verdict }) => verdict === 'failed')) return 1;
  return strict && results.some(({ verdict }) => verdict === 'target' || verdict === 'miss') ? 1 : 0;
}

async function measure(options: Options, around: Surroundings): Promise<number> {
  const chosen = selectScenarios(around.scenarios, options.only);
  const folder = options.out ?? around.resultsFolder;
  // A name that can't be written is better refused before the measuring than after.
  if (options.save !== undefined) reportFile(folder, options.save);
  if (options.list) {
    for (const scenario of chosen) around.write(`${listed(scenario, options.json ?? false)}\n`);
    return 0;
  }
  const quick = options.quick ?? false;
  const machine = describeMachine();
  const startedAt = new Date().toISOString();
  const onResult = (result: Result): void => (options.json ? around.write(`${jsonLine(result, quick)}\n`) : undefined);
  const results = await runSuite(chosen, { quick, scratchIn: around.scratchIn, signal: around.signal, say: (text) => around.say(text), onResult });
  if (!options.json) around.write(reportText(results, machine, quick));
  if (options.save !== undefined) around.say(`saved ${await saveReport(folder, options.save, { startedAt, quick, machine, results })}`);
  return around.signal.aborted ? 130 : exitCodeOf(results, chosen.length, options.strict ?? false);
}

/** Runs one command line (without `node` and the script). Answers 0; 1 when a scenario failed, or with `--strict` missed its goal; 2 for wrong usage; 130 when interrupted. */
export async function runCommandLine(words: readonly string[], around: Surroundings): Promise<number> {
  try {
    const command = program(around);
    command.parse([...words], { from: 'user' });
    return await measure(command.opts<Options>(), around);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!isSoukError(error) || error.code !== 'BAD_REQUEST') throw error;
    around.say(`${error.message} ${error.hint ?? ''}`.trim());
    return 2;
  }
}
