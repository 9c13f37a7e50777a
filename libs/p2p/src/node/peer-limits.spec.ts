import { expect, test } from '@jest/globals';
import { fullPeerLimits, limitsOf, patientLimits } from './peer-limits.ts';

test('a patient peer waits so many times as long for whatever another peer has to do, and is content with so many times less', () => {
  const { dialMs, frameMs, syncIdleMs, askMs, stallMs, searchAgainMs, dhtMs, minRate } = fullPeerLimits;
  expect(patientLimits(1)).toEqual({ dialMs, frameMs, syncIdleMs, askMs, stallMs, searchAgainMs, dhtMs, minRate });
  expect(patientLimits(10)).toEqual({ dialMs: 50_000, frameMs: 100_000, syncIdleMs: 50_000, askMs: 20_000, stallMs: 30_000, searchAgainMs: 10_000, dhtMs: 50_000, minRate: minRate / 10 });
});

test('a peer announces at most 1,000 blobs of its own in the DHT, a leaf 100 while it has no super-peer; it keeps no more than that of anybody else', () => {
  expect((['leaf', 'full', 'super'] as const).map((role) => limitsOf(role).providedCids)).toEqual([100, 1000, 1000]);
  expect(fullPeerLimits.providerRecordsPerPeer).toBe(1000);
});
