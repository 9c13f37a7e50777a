import { createHistogram } from 'node:perf_hooks';

/** Answers that are needed before their times say anything. */
const enough = 50;
/** Answers after which the times begin anew: what was true yesterday need not be. */
const most = 5_000;
/** Bounds of how long an answer is waited for, in milliseconds. The lower one keeps a busy peer from being asked twice as much. */
const [leastMs, usualMs, mostMs] = [250, 500, 2_000];

/** How long answers have taken, and from when on one is late. */
export class AnswerTimes {
  readonly #times = createHistogram();
  /** What the answers before the last new beginning said. */
  #before = usualMs;

  /** An answer took so many milliseconds. */
  note(ms: number): void {
    this.#times.record(Math.max(1, Math.round(ms)));
    if (this.#times.count < most) return;
    this.#before = this.lateMs;
    this.#times.reset();
  }

  /** After how many milliseconds an answer is late: twice what 99 of 100 took. */
  get lateMs(): number {
    if (this.#times.count < enough) return this.#before;
    return Math.min(mostMs, Math.max(leastMs, 2 * this.#times.percentile(99)));
  }
}
