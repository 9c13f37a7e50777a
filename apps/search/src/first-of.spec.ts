import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { firstOf } from './first-of.ts';

test('the first of a list are those that sorting all of it puts first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.nat(60), (list, most) => {
      const count = most + 1;
      expect(firstOf(Int32Array.from(list), count, (a, b) => a - b)).toEqual(list.toSorted((a, b) => a - b).slice(0, count));
    }),
  );
});

test('also very many of them', () => {
  const list = Array.from({ length: 5000 }, (_, at) => (at * 7919) % 5000);
  expect(firstOf(Int32Array.from(list), 2000, (a, b) => a - b)).toEqual(Array.from({ length: 2000 }, (_, at) => at));
});
