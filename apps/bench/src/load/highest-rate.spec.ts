import { expect, test } from '@jest/globals';
import { highestRate } from './highest-rate.ts';

async function found(limit: number, most = 10_000): Promise<{ rate: number; tried: number[] }> {
  const tried: number[] = [];
  const rate = await highestRate(async (one) => (tried.push(one), one <= limit), { from: 100, most, precision: 1.1 });
  return { rate, tried };
}

test('it doubles until the rate does not hold, then halves the gap until that is a tenth', async () => {
  expect(await found(730)).toEqual({ rate: 700, tried: [100, 200, 400, 800, 600, 700, 750] });
});

test('a site that does not hold the first rate is tried with less, and one that holds none has 0', async () => {
  expect(await found(37)).toEqual({ rate: 37, tried: [100, 50, 25, 37, 43, 40] });
  expect((await found(0)).rate).toBe(0);
});

test('no rate above the highest is tried', async () => {
  expect(await found(Infinity, 300)).toEqual({ rate: 300, tried: [100, 200, 300] });
});
