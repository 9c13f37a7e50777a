import { expect, test } from '@jest/globals';
import { allOf } from '../testing/all-of.ts';
import { ProgressStream } from './progress-stream.ts';

test('gives what was pushed, in order, to a reader that comes later', async () => {
  const stream = new ProgressStream<number>(60_000);
  for (const value of [1, 2, 3]) stream.push(value);
  stream.end();
  expect(await allOf(stream.values())).toEqual([1, 2, 3]);
});

test('wakes a reader that waits', async () => {
  const stream = new ProgressStream<string>(60_000);
  const values = stream.values();
  const first = values.next();
  stream.push('a');
  expect(await first).toEqual({ done: false, value: 'a' });
  const end = values.next();
  stream.end();
  expect(await end).toEqual({ done: true, value: undefined });
});

test('says the last value again while nothing happens', async () => {
  const stream = new ProgressStream<string>(1);
  stream.push('a');
  const values = stream.values();
  expect([await values.next(), await values.next(), await values.next()].map((one) => one.value)).toEqual(['a', 'a', 'a']);
});
