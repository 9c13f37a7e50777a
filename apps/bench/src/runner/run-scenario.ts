import { throwIfAborted } from '@souk/domain';
import type { Bench } from './bench.ts';
import { LatencyRecorder } from './latency-recorder.ts';
import type { Measured, Result, Valued } from './result.ts';
import type { Scenario, TimedScenario, Trial, ValueScenario, ValueTrial } from './scenario.ts';
import { verdictOf, verdictOfValue } from './verdict.ts';

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

type Settings = Required<RunOptions>;

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

/** How long something took, or the times that it tells itself; nanoseconds. */
async function timed(clock: Clock, work: () => Promise<void | readonly number[]>): Promise<readonly number[]> {
  const start = clock();
  const told = await work();
  return told ?? [Number(clock() - start)];
}

function resultOf(scenario: TimedScenario, own: LatencyRecorder, baseline: LatencyRecorder, notes: readonly string[]): Measured {
  const { name, alsoCalled, unit, target, goal } = scenario;
  const figures = own.figures(unit);
  const base = baseline.figures(unit);
  return {
    name,
    ...(alsoCalled === undefined ? {} : { alsoCalled }),
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
async function measure(scenario: TimedScenario, trial: Trial, bench: Bench, options: Settings): Promise<Measured> {
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
    for (const ns of ownNs) own.record(ns);
    for (const ns of baselineNs) baseline.record(ns);
  };
  for (let iteration = 0; iteration < warmUp + recorded; iteration++) {
    throwIfAborted(bench.signal, 'The run');
    if (iteration === warmUp) trial.warmedUp?.();
    await within(stepMs, `iteration ${iteration}`, bench.signal, step(iteration));
  }
  return resultOf(scenario, own, baseline, trial.notes?.() ?? []);
}

/** Digits that a value of a few seconds' measuring can have. */
const digits = 4;

async function valued(scenario: ValueScenario, trial: ValueTrial, bench: Bench, { setupMs }: Settings): Promise<Valued> {
  const value = Number((await within(setupMs, 'measuring', bench.signal, trial.value())).toPrecision(digits));
  const base = Number((await within(setupMs, 'the baseline', bench.signal, trial.baseline())).toPrecision(digits));
  const { name, unit, better, target, goal } = scenario;
  const bounds = { ...(target === undefined ? {} : { target }), ...(goal === undefined ? {} : { goal }) };
  const ratio = Number((value / base).toPrecision(3));
  return { name, unit, value, better, baseline: { name: scenario.baseline, value: base }, ratio, ...bounds, verdict: verdictOfValue(value, { better, ...bounds }), notes: trial.notes?.() ?? [] };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

/** Sets a scenario up, hands out how it is torn down, and measures it. */
async function ready(scenario: Scenario, bench: Bench, settings: Settings, onSetUp: (trial: Trial | ValueTrial) => void): Promise<Result> {
  const setUp = async <T extends Trial | ValueTrial>(make: (bench: Bench) => Promise<T>): Promise<T> => {
    const trial = await within(settings.setupMs, 'setting up', bench.signal, make(bench));
    onSetUp(trial);
    bench.say(`${scenario.name}: measuring`);
    return trial;
  };
  return 'better' in scenario ? valued(scenario, await setUp(scenario.setup), bench, settings) : measure(scenario, await setUp(scenario.setup), bench, settings);
}

/** Runs one scenario: sets it up, measures, tears it down. A scenario that fails anywhere in between is `failed`; never throws. */
export async function runScenario(scenario: Scenario, bench: Bench, options: RunOptions = {}): Promise<Result> {
  const settings = { clock: process.hrtime.bigint, stepMs: 60_000, setupMs: 1_800_000, ...options };
  const { name, unit, target, goal } = scenario;
  let trial: Trial | ValueTrial | undefined;
  try {
    throwIfAborted(bench.signal, 'The run');
    bench.say(`${name}: setting up`);
    const result = await ready(scenario, bench, settings, (setUp) => (trial = setUp));
    const ended = trial;
    trial = undefined;
    await ended?.teardown();
    return result;
  } catch (error) {
    const tearDown = await trial?.teardown().then(() => [], (failure: unknown) => [`teardown failed as well: ${reasonOf(failure)}`]);
    return { name, unit, ...(target === undefined ? {} : { target }), ...(goal === undefined ? {} : { goal }), verdict: 'failed', error: reasonOf(error), notes: tearDown ?? [] };
  }
}
