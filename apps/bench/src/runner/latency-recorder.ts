import { build, type Histogram } from 'hdr-histogram-js';
import type { Unit } from './scenario.ts';

const nanosecondsPer: Record<Unit, number> = { ms: 1e6, us: 1e3 };
/** The longest time that is told apart from longer ones: one hour. */
const longestNs = 3.6e12;

/** How many times were recorded, and how they are distributed, in one unit. */
export interface Figures {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Records durations in nanoseconds into an HDR histogram (three significant digits) and tells their percentiles. */
export class LatencyRecorder {
  readonly #histogram: Histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: longestNs, numberOfSignificantValueDigits: 3, useWebAssembly: false });

  /** Takes one duration in nanoseconds. */
  record(nanoseconds: number): void {
    this.#histogram.recordValue(Math.min(Math.max(1, Math.round(nanoseconds)), longestNs));
  }

  /** What was recorded so far. Throws RangeError when that is nothing. */
  figures(unit: Unit): Figures {
    const n = this.#histogram.totalCount;
    if (n === 0) throw new RangeError('Nothing was recorded.');
    const at = (percentile: number): number => inUnit(this.#histogram.getValueAtPercentile(percentile), unit);
    return { n, p50: at(50), p95: at(95), p99: at(99) };
  }
}

/** Nanoseconds in a unit, with four significant digits at least. */
export function inUnit(nanoseconds: number, unit: Unit): number {
  const value = nanoseconds / nanosecondsPer[unit];
  return value >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}
