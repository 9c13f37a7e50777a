import { expect, test } from '@jest/globals';
import { inUnit, LatencyRecorder } from './latency-recorder.ts';

test('percentiles of 1 to 100 ms are those of the definition, within the histogram\'s three digits', () => {
  const recorder = new LatencyRecorder();
  for (let ms = 100; ms >= 1; ms--) recorder.record(ms * 1e6);
  const { n, p50, p95, p99 } = recorder.figures('ms');
  expect(n).toBe(100);
  for (const [found, right] of [[p50, 50], [p95, 95], [p99, 99]] as const) expect(Math.abs(found / right - 1)).toBeLessThan(0.001);
});

test('one outlier in a hundred is above p95 and is not averaged in', () => {
  const recorder = new LatencyRecorder();
  for (let i = 0; i < 99; i++) recorder.record(1e6);
  recorder.record(1e9);
  const { p50, p95, p99 } = recorder.figures('ms');
  expect([p50, p95, p99].map(Math.round)).toEqual([1, 1, 1]);
});

test('of few values the higher percentiles are the slowest one', () => {
  const recorder = new LatencyRecorder();
  for (const ms of [10, 20, 400]) recorder.record(ms * 1e6);
  const { p95, p99 } = recorder.figures('ms');
  expect([p95, p99].map(Math.round)).toEqual([400, 400]);
});

test('nanoseconds are told in the wanted unit, and what is longer than an hour is an hour', () => {
  expect([inUnit(1_234_567, 'ms'), inUnit(1_234_567, 'us'), inUnit(420, 'us')]).toEqual([1.235, 1235, 0.42]);
  const recorder = new LatencyRecorder();
  recorder.record(1e15);
  expect(Math.round(recorder.figures('ms').p50 / 3.6e6)).toBe(1);
});

test('nothing recorded has no percentiles', () => {
  expect(() => new LatencyRecorder().figures('ms')).toThrow(RangeError);
});
