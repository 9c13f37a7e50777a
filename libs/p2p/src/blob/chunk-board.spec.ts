import { expect, test } from '@jest/globals';
import { ChunkBoard, type Lane } from './chunk-board.ts';

const options = { hedgeMs: 100, window: 2 };
const lane = (peer: string): Lane => ({ peer });

test('chunks are given out lowest first, and no further ahead of the writing than the window', () => {
  const board = new ChunkBoard(4, options);
  const [a, b, c] = [lane('a'), lane('b'), lane('c')];
  expect([board.take(a, 0), board.take(b, 0), board.take(c, 0)]).toEqual([0, 1, undefined]);
  board.complete(1);
  board.release(b);
  expect(board.take(b, 0)).toBeUndefined();
  board.complete(0);
  board.wrote(2);
  expect(board.take(b, 0)).toBe(2);
});

test('a chunk that was given back is given out again', () => {
  const board = new ChunkBoard(1, options);
  const [a, b] = [lane('a'), lane('b')];
  board.take(a, 0);
  board.release(a);
  expect(board.take(b, 0)).toBe(0);
});

test('a late chunk goes to a second provider, but not to a third, and not to the same one again', () => {
  const board = new ChunkBoard(1, options);
  const [a, again, b, c] = [lane('a'), lane('a'), lane('b'), lane('c')];
  board.take(a, 0);
  expect([board.take(b, 99), board.untilLate(b, 99)]).toEqual([undefined, 1]);
  expect([board.take(again, 500), board.untilLate(again, 500)]).toEqual([undefined, undefined]);
  expect([board.take(b, 100), board.take(c, 500)]).toEqual([0, undefined]);
});

test('only the first of two deliveries counts', () => {
  const board = new ChunkBoard(1, options);
  expect([board.finished, board.complete(0), board.complete(0), board.finished]).toEqual([false, true, false, true]);
  expect([board.needs(0), new ChunkBoard(0, options).finished]).toEqual([false, true]);
});
