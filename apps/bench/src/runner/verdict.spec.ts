import { expect, test } from '@jest/globals';
import { verdictOf, verdictOfValue } from './verdict.ts';

test.each([
  [10, { goal: 10, target: 100 }, 'goal'],
  [10.1, { goal: 10, target: 100 }, 'target'],
  [100, { goal: 10, target: 100 }, 'target'],
  [100.1, { goal: 10, target: 100 }, 'miss'],
  [10, { goal: 10 }, 'goal'],
  [11, { goal: 10 }, 'miss'],
  [99, { target: 100 }, 'target'],
  [101, { target: 100 }, 'miss'],
  [1, {}, 'none'],
])('a p95 of %p against %p is: %s', (p95, bounds, verdict) => {
  expect(verdictOf(p95, bounds)).toBe(verdict);
});

test.each([
  [1500, { better: 'more', goal: 1500 }, 'goal'],
  [1499, { better: 'more', goal: 1500 }, 'miss'],
  [1499, { better: 'more', goal: 1500, target: 1000 }, 'target'],
  [20, { better: 'less', goal: 20 }, 'goal'],
  [21, { better: 'less', goal: 20 }, 'miss'],
  [1, { better: 'less' }, 'none'],
] as const)('a value of %p against %p is: %s', (value, bounds, verdict) => {
  expect(verdictOfValue(value, bounds)).toBe(verdict);
});
