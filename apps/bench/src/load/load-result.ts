import type { Machine } from '../report/machine.ts';
import type { Amount, K6Metric, K6Summary } from './k6-run.ts';
import type { LoadMode } from './load-site.ts';
import type { MemorySample, MemoryTrend } from './memory-trend.ts';

/** How one kind of journey went, in one phase of a run. */
export interface JourneyFigures {
  readonly journey: string;
  /** `whole` unless the scenario has several: before, peak, after. */
  readonly phase: string;
  readonly count: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Share of those that failed. */
  readonly failed: number;
}

/** One run of k6, for the report. */
export interface LoadRun {
  readonly amount: Amount;
  readonly journeys: readonly JourneyFigures[];
  /** Thresholds, and whether each held. */
  readonly thresholds: Readonly<Record<string, boolean>>;
  readonly held: boolean;
}

/** The memory of one process. */
export interface ProcessMemory extends MemoryTrend {
  readonly process: string;
  readonly samples: readonly MemorySample[];
}

/** One scenario: what was done, what came of it. */
export interface LoadResult {
  readonly scenario: string;
  readonly says: string;
  readonly mode: LoadMode;
  /** What the catalogue is. */
  readonly catalogue: string;
  readonly packages: number;
  readonly machine: Machine;
  readonly startedAt: string;
  readonly runs: readonly LoadRun[];
  /** Journeys per second, of a search for the highest rate. */
  readonly capacity?: number;
  readonly memory?: readonly ProcessMemory[];
  /** Whether all of it is as it has to be. */
  readonly passed: boolean;
}

const seriesName = /^souk_journey\{journey:(\w+),phase:(\w+)\}$/;

function figuresOf(series: string, metric: K6Metric, metrics: K6Summary['metrics'], seconds: number): JourneyFigures[] {
  const [, journey, phase] = seriesName.exec(series) ?? [];
  if (journey === undefined || phase === undefined) return [];
  const value = (name: string): number => metric.values[name] ?? 0;
  const failed = metrics[`souk_journey_failed{journey:${journey},phase:${phase}}`]?.values['rate'] ?? 0;
  return [{ journey, phase, count: value('count'), perSecond: value('count') / seconds, p50: value('med'), p95: value('p(95)'), p99: value('p(99)'), max: value('max'), failed }];
}

/** What a summary of k6 says of each journey that has a threshold. */
export function loadRun({ metrics, held }: K6Summary, amount: Amount): LoadRun {
  const journeys = Object.entries(metrics).flatMap(([series, metric]) => figuresOf(series, metric, metrics, amount.seconds));
  const thresholds = Object.fromEntries(Object.entries(metrics).flatMap(([series, metric]) => Object.entries(metric.thresholds ?? {}).map(([bound, { ok }]) => [`${series}: ${bound}`, ok])));
  return { amount, journeys, thresholds, held };
}
