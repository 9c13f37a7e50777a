import { expect, test } from '@jest/globals';
import { inParallel } from './in-parallel.ts';

test('every item is worked on once, and never more than the width at a time', async () => {
  let running = 0;
  let most = 0;
  const done = new Set<number>();
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    done.add(item);
  });
  expect(done).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]));
  expect(most).toBe(3);
});

test('a failure is thrown and what has not begun is left', async () => {
  const begun: number[] = [];
  const work = async (item: number): Promise<void> => {
    begun.push(item);
    await Promise.resolve();
    throw new Error(`no ${item}`);
  };
  await expect(inParallel([1, 2, 3, 4], 2, work)).rejects.toThrow('no 1');
  expect(begun).toEqual([1, 2]);
});
