export { runCommandLine, type Surroundings } from './command-line.ts';
export { registry } from './registry.ts';
export type { Repetitions, Scenario, TimedScenario, Trial, Unit, ValueScenario, ValueTrial, ValueUnit } from './runner/scenario.ts';
