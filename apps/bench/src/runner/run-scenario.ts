import { throwIfAborted } from '@souk/domain';
import type { Bench } from './bench.ts';
import { LatencyRecorder } from './latency-recorder.ts';
import type { Measured, Result } from './result.ts';
import type { Scenario, Trial } from './scenario.ts';
import { verdictOf } from './verdict.ts';

/** Nanoseconds of a clock that never goes back. */
export type Clock = () => bigint;

/** What a run takes from outside. */
export interface RunOptions {
  readonly clock?: Clock;
  /** The longest time that one step of a scenario - an iteration, say - may take before it counts as hung, in milliseconds. */
  readonly stepMs?: number;
  /** The same for setting it up. */
  readonly setupMs?: number;
}

/** Rejects when `work` lasts longer than a limit or the run is interrupted; nothing stops the work itself, its scenario's teardown does. */
async function within<T>(ms: number, what: string, signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms / 1000} s`)), ms);
  const interrupt = (): void => reject(new Error('interrupted'));
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
  }
}

async function timed(clock: Clock, work: () => Promise<void>): Promise<number> {
  const start = clock();
  await work();
  return Number(clock() - start);
}

function resultOf(scenario: Scenario, own: LatencyRecorder, baseline: LatencyRecorder, notes: readonly string[]): Measured {
  const { name, unit, target, goal } = scenario;
  const figures = own.figures(unit);
  const base = baseline.figures(unit);
  return {
    name,
    unit,
    ...figures,
    baseline: { name: scenario.baseline, p50: base.p50 },
    ratio: Number((figures.p50 / base.p50).toPrecision(3)),
    ...(target === undefined ? {} : { target }),
    ...(goal === undefined ? {} : { goal }),
    verdict: verdictOf(figures.p95, { target, goal }),
    notes,
  };
}

/** Iterations and runs of the baseline take turns, so that both meet the same machine. */
async function measure(scenario: Scenario, trial: Trial, bench: Bench, options: Required<RunOptions>): Promise<Measured> {
  const { recorded, warmUp } = bench.quick ? scenario.quick : scenario.repetitions;
  const { clock, stepMs } = options;
  const own = new LatencyRecorder();
  const baseline = new LatencyRecorder();
  const step = async (iteration: number): Promise<void> => {
    await trial.before?.(iteration);
    const ownNs = await timed(clock, () => trial.run(iteration));
    await trial.after?.(iteration);
    const baselineNs = await timed(clock, () => trial.baseline(iteration));
    if (iteration < warmUp) return;
    own.record(ownNs);
    baseline.record(baselineNs);
  };
  for (let iteration = 0; iteration < warmUp + recorded; iteration++) {
    throwIfAborted(bench.signal, 'The run');
    if (iteration === warmUp) trial.warmedUp?.();
    await within(stepMs, `iteration ${iteration}`, bench.signal, step(iteration));
  }
  return resultOf(scenario, own, baseline, trial.notes?.() ?? []);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

/** Runs one scenario: sets it up, measures, tears it down. A scenario that fails anywhere in between is `failed`; never throws. */
export async function runScenario(scenario: Scenario, bench: Bench, options: RunOptions = {}): Promise<Result> {
  const settings = { clock: process.hrtime.bigint, stepMs: 60_000, setupMs: 900_000, ...options };
  const { name, unit, target, goal } = scenario;
  let trial: Trial | undefined;
  try {
    throwIfAborted(bench.signal, 'The run');
    bench.say(`${name}: setting up`);
    trial = await within(settings.setupMs, 'setting up', bench.signal, scenario.setup(bench));
    bench.say(`${name}: measuring`);
    const result = await measure(scenario, trial, bench, settings);
    const ended = trial;
    trial = undefined;
    await ended.teardown();
    return result;
  } catch (error) {
    const tearDown = await trial?.teardown().then(() => [], (failure: unknown) => [`teardown failed as well: ${reasonOf(failure)}`]);
    return { name, unit, ...(target === undefined ? {} : { target }), ...(goal === undefined ? {} : { goal }), verdict: 'failed', error: reasonOf(error), notes: tearDown ?? [] };
  }
}
