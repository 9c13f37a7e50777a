import { expect, test } from '@jest/globals';
import { BackOff, type Ending } from './back-off.ts';

const pauses = (backOff: BackOff, ending: Ending, count: number): number[] => Array.from({ length: count }, () => backOff.next(ending));

test('pauses double up to 5 s, or from 1 s to 30 s where the user is refused', () => {
  const backOff = new BackOff(() => 1);
  expect(pauses(backOff, 'unreachable', 8)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  expect(pauses(backOff, 'refused', 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(pauses(backOff, 'unreachable', 1)).toEqual([100]);
});

test('half of a pause is left to chance, so that services do not come all at once', () => {
  expect([0, 0.5, 0.999].map((chance) => new BackOff(() => chance).next('unreachable'))).toEqual([50, 75, 99.95]);
});

test('a connection that did not live is a failure too', () => {
  const backOff = new BackOff(() => 1);
  pauses(backOff, 'unreachable', 3);
  backOff.lived(9_999);
  expect(backOff.next('unreachable')).toBe(800);
  backOff.lived(10_000);
  expect(backOff.next('unreachable')).toBe(100);
});
