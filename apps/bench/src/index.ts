export { runCommandLine, type Surroundings } from './command-line.ts';
export { registry } from './registry.ts';
export type { Repetitions, Scenario, TimedScenario, Trial, Unit, ValueScenario, ValueTrial, ValueUnit } from './runner/scenario.ts';
export { runLoadCommand, type LoadSurroundings } from './load/load-command.ts';
export type { LoadResult } from './load/load-result.ts';
