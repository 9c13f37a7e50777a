import { expect, test } from '@jest/globals';
import { RecentlyNamed } from './recently-named.ts';

test('a name is news once, and again when something else is said of it or time has passed', () => {
  let now = 0;
  const recent = new RecentlyNamed({ most: 100, forMs: 1000, now: () => now });
  expect([recent.isNews('a', 'x'), recent.isNews('a', 'x'), recent.isNews('a', 'y'), recent.isNews('a', 'y')]).toEqual([true, false, true, false]);
  now = 1000;
  expect([recent.isNews('a', 'y'), recent.isNews('a', 'y')]).toEqual([true, false]);
});

test('of too many names those are forgotten that were not heard for the longest, beyond the bound', () => {
  const recent = new RecentlyNamed({ most: 10, forMs: 1000, now: () => 0 });
  for (let name = 0; name < 100; name += 1) recent.isNews(`${name}`, '');
  expect(recent.isNews('99', '')).toBe(false);
  expect(recent.isNews('89', '')).toBe(true);
});
