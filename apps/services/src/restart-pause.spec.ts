import { expect, test } from '@jest/globals';
import { RestartPause } from './restart-pause.ts';

test('pauses double from one short life to the next up to 10 s, and are short again after a long one', () => {
  const pause = new RestartPause();
  expect(Array.from({ length: 9 }, () => pause.after(9_999))).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  expect([pause.after(10_000), pause.after(0)]).toEqual([100, 200]);
});
