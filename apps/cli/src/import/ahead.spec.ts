import { expect, test } from '@jest/globals';
import { oneAhead } from './ahead.ts';

test('gives the same values in their order, and makes one while another is used', async () => {
  const made: number[] = [];
  async function* numbers(): AsyncGenerator<number, void, undefined> {
    for (let number = 1; number <= 4; number += 1) {
      made.push(number);
      yield number;
    }
  }
  const seen: [number, number][] = [];
  for await (const number of oneAhead(numbers())) {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push([number, made.length]);
  }
  expect(seen).toEqual([[1, 2], [2, 3], [3, 4], [4, 4]]);
});

test('a failure comes after the values before it', async () => {
  async function* failing(): AsyncGenerator<string, void, undefined> {
    yield 'one';
    throw new Error('no more');
  }
  const values = oneAhead(failing());
  expect(await values.next()).toEqual({ value: 'one', done: false });
  await expect(values.next()).rejects.toThrow('no more');
});

test('a reader that stops ends the source', async () => {
  let ended = false;
  async function* endless(): AsyncGenerator<number, void, undefined> {
    try {
      for (let number = 0; ; number += 1) yield number;
    } finally {
      ended = true;
    }
  }
  for await (const number of oneAhead(endless())) if (number === 2) break;
  expect(ended).toBe(true);
});
