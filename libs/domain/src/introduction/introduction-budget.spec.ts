import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { IntroductionBudget, type Introduction } from './introduction-budget.ts';

const day = 86_400_000;
const perDay = { logs: 10, names: 20, bytes: 1000 };
const one = { logs: 1, names: 0, bytes: 10 };

test('a peer may introduce a day at once, then as much as time brings, and no more than a day after a long pause', () => {
  const budget = new IntroductionBudget(perDay);
  const charged = (now: number): number => Array.from({ length: 100 }, () => budget.charge('a', one, now)).filter(Boolean).length;
  expect([charged(0), charged(0), charged(day / 2), charged(30 * day)]).toEqual([10, 0, 5, 10]);
});

test('each thing is limited by itself, and what is too much as a whole takes nothing', () => {
  const budget = new IntroductionBudget(perDay);
  expect(budget.charge('a', { logs: 1, names: 21, bytes: 1 }, 0)).toBe(false);
  expect(budget.charge('a', { logs: 10, names: 0, bytes: 1 }, 0)).toBe(true);
  expect([budget.admits('a', true, 0), budget.admits('a', false, 0)]).toEqual([false, true]);
  expect(budget.charge('a', { logs: 0, names: 20, bytes: 999 }, 0)).toBe(true);
  expect(budget.admits('a', false, 0)).toBe(false);
  expect(budget.admits('b', true, 0)).toBe(true);
});

test('a thousand identities get no further than eight do', () => {
  const budget = new IntroductionBudget(perDay);
  const taken = Array.from({ length: 1000 }, (_, at) => budget.charge(`peer ${at}`, { logs: 10, names: 0, bytes: 1 }, 0)).filter(Boolean).length;
  expect(taken).toBe(8);
  expect(budget.admits('another', true, 0)).toBe(false);
});

test('a clock that goes back gives nothing, and the accounts of many peers are bounded', () => {
  const budget = new IntroductionBudget(perDay);
  budget.charge('a', { logs: 10, names: 0, bytes: 1 }, day);
  expect(budget.charge('a', one, 0)).toBe(false);
  const many = new IntroductionBudget({ logs: 1e9, names: 1e9, bytes: 1e9 });
  for (let at = 0; at < 20_001; at += 1) many.charge(`peer ${at}`, one, 0);
  expect(many.admits('peer 0', true, 0)).toBe(true);
});

test('whatever is charged in whatever order, a day never gives more than two budgets', () => {
  const cost = fc.record({ logs: fc.nat(10), names: fc.nat(20), bytes: fc.nat(1000) });
  fc.assert(
    fc.property(fc.array(fc.tuple(cost, fc.nat(day)), { maxLength: 60 }), (charges) => {
      const budget = new IntroductionBudget(perDay);
      const sum = { logs: 0, names: 0, bytes: 0 };
      for (const [each, at] of charges.toSorted((a, b) => a[1] - b[1])) {
        if (budget.charge('a', each, at)) for (const what of Object.keys(sum) as (keyof Introduction)[]) sum[what] += each[what];
      }
      for (const what of Object.keys(sum) as (keyof Introduction)[]) expect(sum[what]).toBeLessThanOrEqual(2 * perDay[what] + 1e-6);
    }),
  );
});
