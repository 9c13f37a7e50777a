export { runCommandLine, type Surroundings } from './command-line.ts';
export { registry } from './registry.ts';
export type { Repetitions, Scenario, Trial, Unit } from './runner/scenario.ts';
