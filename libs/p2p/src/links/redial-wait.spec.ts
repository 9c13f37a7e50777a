import { expect, test } from '@jest/globals';
import { fullPeerLimits } from '../node/peer-limits.ts';
import { redialWait } from './redial-wait.ts';

/** How soon after healing a partition is to be over, in milliseconds. */
const promisedMs = 30_000;

test('whoever was dialled in vain is dialled ever more rarely, but so often that a partition of any length is over in time', () => {
  const { longestRedialMs, dialMs } = fullPeerLimits;
  expect(redialWait(1, longestRedialMs, () => 0)).toBe(250);
  expect(redialWait(4, longestRedialMs, () => 0)).toBe(2000);
  for (const failures of [10, 100, 10_000]) expect(redialWait(failures, longestRedialMs, () => 1) + dialMs).toBeLessThan(promisedMs);
});

test('peers that lost one link at a moment do not dial at a moment', () => {
  expect(redialWait(3, 20_000, () => 0.9)).toBeGreaterThan(1.5 * redialWait(3, 20_000, () => 0.1));
});
