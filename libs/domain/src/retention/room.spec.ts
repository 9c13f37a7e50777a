import { expect, test } from '@jest/globals';
import { aboveLowWater, excess, isAboveHighWater, noRoom, type Room, type RoomLimits } from './room.ts';

const limits: RoomLimits = { maxBytes: 1000, highWater: 0.9, lowWater: 0.5, minFree: 0.05 };
const roomy = { free: 500_000, total: 1_000_000 };
const room = (taken: number, cached: number, disk: Room['disk'] = roomy): Room => ({ taken, cached, disk });

test('what is written must fit below the limit, to the byte', () => {
  expect(excess(room(900, 0), limits, 100)).toBe(0);
  expect(excess(room(900, 0), limits, 101)).toBe(1);
  expect(excess(room(900, 0), { ...limits, maxBytes: undefined }, 1_000)).toBe(0);
});

test('nothing is written into the share of the disk that stays free, limit or not', () => {
  const tight = room(0, 0, { free: 50_010, total: 1_000_000 });
  expect(excess(tight, limits, 10)).toBe(0);
  expect(excess(tight, limits, 11)).toBe(1);
  expect(excess(room(0, 0, { free: 40_000, total: 1_000_000 }), { ...limits, maxBytes: undefined }, 0)).toBe(10_000);
});

test('water marks are shares of what pinned blobs leave', () => {
  expect(isAboveHighWater(room(900, 900), limits)).toBe(false);
  expect(isAboveHighWater(room(901, 901), limits)).toBe(true);
  expect(aboveLowWater(room(901, 901), limits)).toBe(401);
  // 600 bytes are pinned, so 400 are left: high water is at 360, low water at 200.
  expect(isAboveHighWater(room(960, 360), limits)).toBe(false);
  expect(isAboveHighWater(room(961, 361), limits)).toBe(true);
  expect(aboveLowWater(room(961, 361), limits)).toBe(161);
  expect(aboveLowWater(room(1200, 100), limits)).toBe(100);
});

test('for the disk the cache goes only where that makes a difference', () => {
  const low = { free: 45_000, total: 1_000_000 };
  expect(isAboveHighWater(room(800, 800, low), { ...limits, maxBytes: undefined })).toBe(false);
  expect(isAboveHighWater(room(6_000, 6_000, low), { ...limits, maxBytes: undefined })).toBe(true);
  expect(aboveLowWater(room(20_000, 20_000, low), { ...limits, maxBytes: undefined })).toBe(15_000);
});

test('the refusal says what is lacking and what to do', () => {
  expect(noRoom(room(0, 0, { free: 31_000, total: 1_000_000 }), limits, 10)).toMatchObject({
    code: 'STORAGE_FULL',
    message: 'Only 3.1 % of the disk is free; nothing is written below 5 %. Reading goes on.',
    hint: expect.stringContaining('SOUK_STORAGE_MIN_FREE'),
    details: { why: 'disk', free: 31_000, total: 1_000_000 },
  });
  expect(noRoom(room(990, 100), limits, 200)).toMatchObject({ code: 'STORAGE_FULL', message: expect.stringMatching(/take 990 of the 1000 bytes .* 890 of them have to stay: 200 more/), hint: expect.stringContaining('SOUK_STORAGE_MAX_BYTES'), details: { why: 'limit' } });
});
