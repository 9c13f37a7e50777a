import type { Result } from '../runner/result.ts';

/** A result as one line of JSON: `{ name, unit, n, p50, p95, p99, baseline, ratio, target?, goal?, verdict, notes }`, with `value` and `better` instead of percentiles where one number is measured, or with `error` instead of figures; `quick: true` marks a quick run. */
export function jsonLine(result: Result, quick = false): string {
  return JSON.stringify({ ...result, ...(quick ? { quick } : {}) });
}
