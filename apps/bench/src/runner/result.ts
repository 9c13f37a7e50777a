import type { Figures } from './latency-recorder.ts';
import type { Unit, ValueUnit } from './scenario.ts';
import type { Verdict } from './verdict.ts';

interface Promised {
  readonly name: string;
  readonly unit: ValueUnit;
  readonly target?: number;
  readonly goal?: number;
}

/** A scenario that was measured; times are in its unit. */
export interface Measured extends Promised, Figures {
  /** Names of the original suite that this measurement serves too. */
  readonly alsoCalled?: readonly string[];
  readonly unit: Unit;
  readonly baseline: { readonly name: string; readonly p50: number };
  /** p50 by the baseline's p50. */
  readonly ratio: number;
  readonly verdict: Verdict;
  readonly notes: readonly string[];
}

/** A value scenario that was measured. */
export interface Valued extends Promised {
  readonly value: number;
  readonly better: 'more' | 'less';
  readonly baseline: { readonly name: string; readonly value: number };
  /** The value by the baseline's. */
  readonly ratio: number;
  readonly verdict: Verdict;
  readonly notes: readonly string[];
}

/** A scenario that could not be measured. */
export interface Failed extends Promised {
  readonly verdict: 'failed';
  readonly error: string;
  readonly notes: readonly string[];
}

/** What became of a scenario: one line of the report. */
export type Result = Measured | Valued | Failed;
