import { expect, test } from '@jest/globals';
import { AnswerTimes } from './answer-times.ts';

function times(count: number, ms: number, before = new AnswerTimes()): AnswerTimes {
  for (let at = 0; at < count; at += 1) before.note(ms);
  return before;
}

test('before much was answered half a second is late', () => {
  expect(times(49, 4_000).lateMs).toBe(500);
});

test('late is twice what 99 of 100 answers took, within bounds', () => {
  expect(times(100, 200).lateMs).toBe(400);
  expect(times(100, 2).lateMs).toBe(250);
  expect(times(100, 5_000).lateMs).toBe(2_000);
});

test('one slow answer of many changes nothing', () => {
  expect(times(1, 5_000, times(200, 200)).lateMs).toBe(400);
});

test('what was long ago is forgotten', () => {
  expect(times(100, 300, times(5_000, 150)).lateMs).toBe(600);
});
