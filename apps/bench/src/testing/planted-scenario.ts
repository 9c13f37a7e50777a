import type { Clock } from '../runner/run-scenario.ts';
import type { Repetitions, TimedScenario, Trial, ValueScenario } from '../runner/scenario.ts';

/** A clock that stands still until something is said to take time; for specs. */
export class StillClock {
  #now = 0n;

  readonly read: Clock = () => this.#now;

  /** Lets milliseconds pass. */
  pass(ms: number): void {
    this.#now += BigInt(Math.round(ms * 1e6));
  }
}

/** What a planted scenario is made of. */
export interface Planted extends Partial<Trial> {
  readonly name?: string;
  readonly target?: number;
  readonly goal?: number;
  readonly repetitions?: Repetitions;
  readonly quick?: Repetitions;
  setup?(): Promise<void>;
}

/** A scenario for specs: its iterations and its baseline take the times that they are given. */
export function plantedScenario({ name = 'planted/one', target, goal, repetitions = { recorded: 20, warmUp: 2 }, quick = { recorded: 2, warmUp: 0 }, setup, ...trial }: Planted = {}): TimedScenario {
  return {
    name,
    unit: 'ms',
    measures: 'Nothing.',
    baseline: 'nothing else',
    ...(target === undefined ? {} : { target }),
    ...(goal === undefined ? {} : { goal }),
    repetitions,
    quick,
    setup: async () => {
      await setup?.();
      return { run: async () => {}, baseline: async () => {}, teardown: async () => {}, ...trial };
    },
  };
}

/** A scenario of one number for specs. */
export function plantedValue({ value, baseline, goal }: { readonly value: number; readonly baseline: number; readonly goal: number }): ValueScenario {
  const setup: ValueScenario['setup'] = async () => ({ value: async () => value, baseline: async () => baseline, teardown: async () => {} });
  return { name: 'planted/rate', unit: 'packages/s', measures: 'Nothing.', better: 'more', baseline: 'nothing else', goal, setup };
}
