import { expect, test } from '@jest/globals';
import { verdictOf } from './verdict.ts';

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
