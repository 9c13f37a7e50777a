import { expect, test } from '@jest/globals';
import { zipfTrace } from './zipf-trace.ts';

const options = { cids: 1000, lookupsPerMinute: 100_000, seed: 1 };

test('the n-th rank is asked for about a n-th as often as the first', () => {
  const { asked } = zipfTrace(options).next().value;
  const times = (rank: number): number => asked.filter((one) => one === rank).length;
  expect(asked).toHaveLength(10_000);
  expect(times(0) / asked.length).toBeCloseTo(1 / 7.485, 2);
  expect(times(0) / times(3)).toBeCloseTo(4, 0);
  expect(Math.max(...asked)).toBeLessThan(1000);
});

test('one cid in a hundred changes in a minute', () => {
  const trace = zipfTrace(options);
  const changed = Array.from({ length: 10 }, () => trace.next().value.changed).flat();
  expect(changed).toHaveLength(10);
});

test('a seed is a trace', () => {
  const first = (seed: number): unknown => zipfTrace({ ...options, seed }).next().value;
  expect(first(1)).toEqual(first(1));
  expect(first(1)).not.toEqual(first(2));
});
