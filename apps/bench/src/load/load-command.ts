import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Bench } from '../runner/bench.ts';
import { withinBench } from '../runner/within-bench.ts';
import { loadPage } from './load-page.ts';
import type { LoadResult } from './load-result.ts';
import { loadScenarios, type LoadScenario } from './load-scenarios.ts';
import { loadSite, type LoadMode } from './load-site.ts';
import { loadText, type GoalLine } from './load-text.ts';
import { runLoad } from './run-load.ts';

/** What the command line works on. */
export interface LoadSurroundings {
  /** Where results are written unless `--out` says otherwise. */
  readonly resultsFolder: string;
  readonly scratchIn: string;
  readonly signal: AbortSignal;
  readonly goalLine: GoalLine;
  /** The report. */
  write(text: string): void;
  /** Progress and complaints. */
  say(text: string): void;
}

interface Options {
  readonly only: string[];
  readonly mode: LoadMode;
  readonly corpus?: string;
  readonly seconds?: number;
  readonly users?: number;
  readonly rate?: number;
  readonly out?: string;
  readonly cpuProf?: string;
  readonly list?: true;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number from 1 on.');
  return Number(text);
}

function program({ write, say }: LoadSurroundings): Command {
  return new Command('load')
    .description('Loads a site of its own with k6: starts it on free ports, imports a catalogue, runs, reports, and ends all of it.')
    .option('--only <name>', 'only this scenario; may be given more than once', (name: string, names: string[]) => [...names, name], [])
    .addOption(new Option('--mode <mode>', 'all of the site in one process, or one process per service over NATS').choices(['embedded', 'services']).default('services'))
    .option('--corpus <file>', 'packages, one package.json a line (.jsonl or .jsonl.gz), instead of 1,000 generated ones')
    .option('--seconds <n>', 'how long a run takes', wholeNumber)
    .option('--users <n>', 'users at the same time, where a scenario has a fixed number', wholeNumber)
    .option('--rate <n>', 'journeys per second, where a scenario has a rate', wholeNumber)
    .option('--out <folder>', 'where the results are written')
    .option('--cpu-prof <folder>', "where CPU profiles of the site's processes are written")
    .option('--list', 'list the scenarios instead of running them')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: (text) => say(text.trimEnd()) });
}

function chosen(names: readonly string[]): LoadScenario[] {
  const unknown = names.find((name) => !loadScenarios.some((one) => one.name === name));
  if (unknown !== undefined) throw new CommanderError(2, 'unknown', `There is no scenario ${unknown}; there are ${loadScenarios.map(({ name }) => name).join(', ')}.`);
  return loadScenarios.filter(({ name }) => names.length === 0 || names.includes(name));
}

async function load(scenarios: readonly LoadScenario[], options: Options, bench: Bench, around: LoadSurroundings): Promise<LoadResult[]> {
  const site = await loadSite(bench, { mode: options.mode, ...(options.corpus === undefined ? {} : { corpus: resolve(options.corpus) }), ...(options.cpuProf === undefined ? {} : { profiles: resolve(options.cpuProf) }) });
  const results: LoadResult[] = [];
  for (const scenario of scenarios) {
    const { seconds, users, rate } = { ...scenario.amount, ...Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value === 'number')) };
    around.say(`running ${scenario.name}`);
    const result = await runLoad(bench, site, scenario, { seconds, users, rate });
    results.push(result);
    around.write(`${loadText(result, around.goalLine)}\n`);
  }
  return results;
}

async function save(folder: string, results: readonly LoadResult[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'load.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(join(folder, 'load.html'), loadPage(results));
}

/** Runs one command line (without `node` and the script). Answers 0; 1 when a threshold did not hold or memory grew; 2 for wrong usage. */
export async function runLoadCommand(words: readonly string[], around: LoadSurroundings): Promise<number> {
  try {
    const command = program(around);
    command.parse([...words], { from: 'user' });
    const options = command.opts<Options>();
    const scenarios = chosen(options.only);
    if (options.list) {
      for (const { name, says } of scenarios) around.write(`${name.padEnd(8)} ${says}\n`);
      return 0;
    }
    const folder = options.out ?? around.resultsFolder;
    const results = await withinBench({ quick: false, scratchIn: around.scratchIn, signal: around.signal, say: (text) => around.say(text) }, (bench) => load(scenarios, options, bench, around));
    await save(folder, results);
    around.say(`results: ${join(folder, 'load.json')} and load.html`);
    return results.every(({ passed }) => passed) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'unknown') around.say(error.message);
    return error.exitCode === 0 ? 0 : 2;
  }
}
