import type { AskedTier } from './tier-counts.ts';

/** How asking went: `found` somebody, knew `nobody`, `failed` to answer, was `skipped`, or is `waiting`: still asked when there was an answer already. */
export type StepOutcome = 'found' | 'nobody' | 'failed' | 'skipped' | 'waiting';

/** Somebody who was left out of an answer, and why. */
export interface Dropped {
  readonly peer: string;
  readonly why: string;
}

/** One thing that a lookup tried. Milliseconds. */
export interface TraceStep {
  readonly tier: AskedTier;
  /** The super-peer that was asked. */
  readonly peer?: string;
  /** How many were asked, where that is not one. */
  readonly asked?: number;
  readonly outcome: StepOutcome;
  /** Providers that it named. */
  readonly providers: number;
  /** Asked because another one had not answered in time. */
  readonly hedged: boolean;
  /** When it began, from the beginning of the lookup. */
  readonly beganMs: number;
  /** How long it took; absent for what was skipped, or is waited for no longer. */
  readonly tookMs?: number;
  /** Why it failed or was skipped. */
  readonly why?: string;
  readonly dropped: readonly Dropped[];
}

/** Most steps, and most who were left out of one, that a trace keeps. */
export const maxTrace = { steps: 32, dropped: 16 } as const;

/** What is said of a step when it ends. */
export interface StepEnd {
  readonly outcome: Exclude<StepOutcome, 'waiting'>;
  readonly providers?: number;
  readonly asked?: number;
  readonly why?: string;
}

/** A step that has begun. */
export interface OpenStep {
  /** Somebody is left out. */
  drop(peer: string, why: string): void;
  end(end: StepEnd): void;
}

/** Writes down what a lookup tries, in the order in which it begins. Bounded: what is beyond is not kept. */
export class LookupTrace {
  readonly #now: () => number;
  readonly #began: number;
  readonly #steps: { step: TraceStep; readonly dropped: Dropped[] }[] = [];

  /** `now`: milliseconds by a clock that only goes on. */
  constructor(now: () => number) {
    this.#now = now;
    this.#began = now();
  }

  /** Somebody or something is asked now. */
  begin(tier: AskedTier, how: { readonly peer?: string; readonly hedged?: boolean } = {}): OpenStep {
    const beganMs = this.#now() - this.#began;
    const dropped: Dropped[] = [];
    const kept = { step: { tier, ...(how.peer === undefined ? {} : { peer: how.peer }), outcome: 'waiting', providers: 0, hedged: how.hedged ?? false, beganMs, dropped } as TraceStep, dropped };
    if (this.#steps.length < maxTrace.steps) this.#steps.push(kept);
    return {
      drop: (peer, why) => void (dropped.length < maxTrace.dropped && dropped.push({ peer, why })),
      end: (end) => {
        kept.step = { ...kept.step, ...end, tookMs: this.#now() - this.#began - beganMs };
      },
    };
  }

  /** A tier is not asked, and why. */
  skip(tier: AskedTier, why: string): void {
    if (this.#steps.length < maxTrace.steps) this.#steps.push({ step: { tier, outcome: 'skipped', providers: 0, hedged: false, beganMs: this.#now() - this.#began, why, dropped: [] }, dropped: [] });
  }

  /** The steps as they are now. */
  steps(): TraceStep[] {
    return this.#steps.map(({ step, dropped }) => ({ ...step, dropped: [...dropped] }));
  }
}
