import type { Bench } from './bench.ts';

/** The units that a scenario may be told in. */
export type Unit = 'ms' | 'us';

/** How often a scenario is run: recorded iterations, and those before that are not. */
export interface Repetitions {
  readonly recorded: number;
  readonly warmUp: number;
}

/** The units of what is no distribution of times. */
export type ValueUnit = Unit | 'packages/s' | 'MB/s' | 'MiB' | '%';

/** What is measured against what, as a value: a distribution of times, or one number. */
export type Scenario = TimedScenario | ValueScenario;

/** A scenario that is run again and again; its name is `family/what`, or the family's where there is only one. */
export interface TimedScenario {
  readonly name: string;
  /** Names of the original suite that this measurement serves too. */
  readonly alsoCalled?: readonly string[];
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

/** A scenario that gives one number, such as a rate; its name is `family/what`. */
export interface ValueScenario {
  readonly name: string;
  readonly unit: ValueUnit;
  /** What the number is, in one sentence. */
  readonly measures: string;
  /** Whether more or less of it is better: which way `target` and `goal` bound it. */
  readonly better: 'more' | 'less';
  /** What the original system promised. */
  readonly target?: number;
  /** What Souk wants. */
  readonly goal?: number;
  /** What is measured in the same run, so that figures of different machines can be compared. */
  readonly baseline: string;
  /** Starts what is measured. What it starts before it fails is ended by `bench.atEnd`. */
  setup(bench: Bench): Promise<ValueTrial>;
}

/** A value scenario that is set up. */
export interface ValueTrial {
  /** The number. Throws when it is not that of what it is measured for. */
  value(): Promise<number>;
  /** The baseline's number, of the same unit. */
  baseline(): Promise<number>;
  /** What a reader must know about the figure. */
  notes?(): readonly string[];
  /** Ends what setup started. Called once, also after a failure. */
  teardown(): Promise<void>;
}

/** A scenario that is set up. Iterations count from 0, those of the warm-up included, so that each can be another one. */
export interface Trial {
  /** The warm-up is over: what was counted for notes so far does not count. */
  warmedUp?(): void;
  /** Makes an iteration ready; not timed. */
  before?(iteration: number): Promise<void>;
  /** What is timed. Throws when it does not do what it is measured for. Where one iteration has many times, such as one for each receiver, it answers with them, in nanoseconds. */
  run(iteration: number): Promise<void | readonly number[]>;
  /** Checks the outcome and tidies up; not timed. */
  after?(iteration: number): Promise<void>;
  /** One run of the baseline, timed on its own; it may answer with its times as `run` does. */
  baseline(iteration: number): Promise<void | readonly number[]>;
  /** What a reader must know about the figures: the corpus, the parts, the phases. Asked for after the last iteration. */
  notes?(): readonly string[];
  /** Ends what setup started. Called once, also after a failure. */
  teardown(): Promise<void>;
}
