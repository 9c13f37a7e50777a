import { expect, test } from '@jest/globals';
import { Uint8ArrayList } from 'uint8arraylist';
import { seededRandom } from '../trouble/seeded-random.ts';
import { Lane, segmentBytes, windowBytes } from './lane.ts';
import { perfect, Way, type LinkQuality } from './link.ts';

/** A lane over a way of that quality, and what has arrived at its end. */
function laneOver(quality: Partial<LinkQuality>): { lane: Lane; arrived: Uint8ArrayList; all(bytes: number): Promise<void>; room: { left: number }; drained: Promise<void> } {
  const way = new Way(seededRandom(1));
  way.quality = { ...perfect, ...quality };
  const arrived = new Uint8ArrayList();
  const room = { left: Infinity };
  const { promise: drained, resolve } = Promise.withResolvers<void>();
  let wake: (() => void) | undefined;
  const deliver = (data: Uint8ArrayList): boolean => {
    arrived.append(data);
    room.left -= data.byteLength;
    wake?.();
    return room.left > 0;
  };
  const all = (bytes: number): Promise<void> =>
    new Promise((done) => {
      wake = () => void (arrived.byteLength >= bytes && done());
      wake();
    });
  return { lane: new Lane({ way, deliver, isCut: () => false, drained: resolve }), arrived, all, room, drained };
}

const numbered = (from: number, length: number): Uint8ArrayList => new Uint8ArrayList(Uint8Array.from({ length }, (_, at) => (from + at) % 251));

test('what is sent arrives whole and in order, whatever chance does to its parts', async () => {
  const { lane, arrived, all } = laneOver({ jitterMs: 20, loss: 0.02 });
  let sent = 0;
  for (let length = 1; sent < 60_000; length = (length * 7) % 5003) {
    lane.send(numbered(sent, length));
    sent += length;
  }
  await all(sent);
  expect(Buffer.compare(arrived.subarray(), numbered(0, sent).subarray())).toBe(0);
});

test('no more than a window is on its way: a sender is told to wait, and when there is room', async () => {
  const { lane, all, drained } = laneOver({ delayMs: 20 });
  let sends = 0;
  while (lane.send(new Uint8ArrayList(new Uint8Array(segmentBytes)))) sends += 1;
  expect([lane.bytes, (sends + 1) * segmentBytes]).toEqual([windowBytes, windowBytes]);
  await drained;
  expect(lane.bytes).toBeLessThan(windowBytes);
  await all(windowBytes);
});

test('a receiver without room stops the lane until it has some', async () => {
  const { lane, arrived, all, room } = laneOver({});
  room.left = segmentBytes;
  lane.send(new Uint8ArrayList(new Uint8Array(5 * segmentBytes)));
  await all(segmentBytes);
  expect(arrived.byteLength).toBe(segmentBytes);
  room.left = Infinity;
  lane.resume();
  await all(5 * segmentBytes);
});
