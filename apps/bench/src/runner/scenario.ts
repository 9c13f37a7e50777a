import type { Bench } from './bench.ts';

/** The units that a scenario may be told in. */
export type Unit = 'ms' | 'us';

/** How often a scenario is run: recorded iterations, and those before that are not. */
export interface Repetitions {
  readonly recorded: number;
  readonly warmUp: number;
}

/** What is measured against what, as a value; its name is `family/what`. */
export interface Scenario {
  readonly name: string;
  readonly unit: Unit;
  /** From which event to which one iteration lasts, in one sentence. */
  readonly measures: string;
  /** The p95 that the original system promised, in the scenario's unit. */
  readonly target?: number;
  /** The p95 that Souk wants, in the scenario's unit. */
  readonly goal?: number;
  /** What runs between the iterations, so that figures of different machines can be compared. */
  readonly baseline: string;
  readonly repetitions: Repetitions;
  /** With `--quick`. */
  readonly quick: Repetitions;
  /** Starts what is measured. What it starts before it fails is ended by `bench.atEnd`. */
  setup(bench: Bench): Promise<Trial>;
}

/** A scenario that is set up. Iterations count from 0, those of the warm-up included, so that each can be another one. */
export interface Trial {
  /** The warm-up is over: what was counted for notes so far does not count. */
  warmedUp?(): void;
  /** Makes an iteration ready; not timed. */
  before?(iteration: number): Promise<void>;
  /** What is timed. Throws when it does not do what it is measured for. */
  run(iteration: number): Promise<void>;
  /** Checks the outcome and tidies up; not timed. */
  after?(iteration: number): Promise<void>;
  /** One run of the baseline, timed on its own. */
  baseline(iteration: number): Promise<void>;
  /** What a reader must know about the figures: the corpus, the parts, the phases. Asked for after the last iteration. */
  notes?(): readonly string[];
  /** Ends what setup started. Called once, also after a failure. */
  teardown(): Promise<void>;
}
