import { expect, test } from '@jest/globals';
import { memoryTrend, type MemorySample } from './memory-trend.ts';

const mib = 2 ** 20;
/** Ten minutes, a sample every two seconds. */
const watched = (bytesAt: (second: number) => number): MemorySample[] => Array.from({ length: 301 }, (_, number) => ({ at: number * 2, bytes: bytesAt(number * 2) }));
/** Garbage that a collection takes away every 20 seconds. */
const sawtooth = (second: number): number => (second % 20) * mib;

test('garbage that comes and goes is flat, also above a heap that grows in the beginning', () => {
  const { isFlat, medianBytes } = memoryTrend(watched((second) => 100 * mib + Math.min(second, 150) * 0.3 * mib + sawtooth(second)));
  expect([isFlat, Math.round(medianBytes / mib)]).toEqual([true, 153]);
});

test('a leak of 2 MiB a minute is seen through garbage that is ten times as much', () => {
  const { isFlat, perHourBytes } = memoryTrend(watched((second) => 100 * mib + (second / 60) * 2 * mib + sawtooth(second)));
  expect([isFlat, Math.round(perHourBytes / mib)]).toEqual([false, 120]);
});

test('one odd moment does not make a trend', () => {
  expect(memoryTrend(watched((second) => (second === 500 ? 900 : 100) * mib)).isFlat).toBe(true);
});

test('memory that shrinks is flat', () => {
  expect(memoryTrend(watched((second) => (200 - second / 10) * mib)).isFlat).toBe(true);
});

test('a watch that was too short says nothing', () => {
  expect(() => memoryTrend(watched(() => mib).slice(0, 10))).toThrow(RangeError);
});
