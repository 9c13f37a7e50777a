import { setImmediate as nextRound } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Turns } from './turns.ts';

/** Does so many pieces of work for a peer side by side, each when it is its turn; notes who has done one. */
function working(turns: Turns, peer: string, pieces: number, done: string[]): Promise<unknown> {
  return Promise.all(Array.from({ length: pieces }, () => turns.take(peer).then(() => done.push(peer))));
}

test('a peer gets one piece of work done in each round, however much it has waiting, and others theirs beside it', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const greedy = working(turns, 'greedy', 5, done);
  await nextRound();
  expect(done).toEqual(['greedy', 'greedy']);
  await working(turns, 'modest', 1, done);
  expect(done.slice(2)).toEqual(['modest']);
  await greedy;
  expect(done.filter((peer) => peer === 'greedy')).toHaveLength(5);
});

test('who has had no turn in this round does not wait, and nobody is remembered who wants none', async () => {
  const turns = new Turns();
  let isDone = false;
  void turns.take('alone').then(() => (isDone = true));
  await Promise.resolve();
  await Promise.resolve();
  expect(isDone).toBe(true);
  await nextRound();
  await turns.take('alone');
});
