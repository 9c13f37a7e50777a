import { expect, test } from '@jest/globals';
import { simulatedNetwork } from './index.ts';
import type { LinkQuality } from './link.ts';

const rough: Partial<LinkQuality> = { delayMs: 50, jitterMs: 20, loss: 0.1 };

/** When each of 500 segments arrives that are sent together. */
function schedule(seed: number, from: string, to: string, links: Partial<LinkQuality> = rough): number[] {
  const way = simulatedNetwork({ seed, links }).way(from, to);
  return Array.from({ length: 500 }, () => way.arrivalOf(1000, 0));
}

test('the same seed is the same schedule; another seed, another link and the way back have others', () => {
  expect(schedule(1, 'a', 'b')).toEqual(schedule(1, 'a', 'b'));
  for (const other of [schedule(2, 'a', 'b'), schedule(1, 'a', 'c'), schedule(1, 'b', 'a')]) expect(other).not.toEqual(schedule(1, 'a', 'b'));
});

test('a schedule does not depend on what other links carry', () => {
  const network = simulatedNetwork({ seed: 1, links: rough });
  const [way, other] = [network.way('a', 'b'), network.way('c', 'd')];
  const arrivals = Array.from({ length: 500 }, () => {
    other.arrivalOf(1000, 0);
    return way.arrivalOf(1000, 0);
  });
  expect(arrivals).toEqual(schedule(1, 'a', 'b'));
});

test('delay is added once, jitter up to its bound, and a loss costs a time-out', () => {
  expect(new Set(schedule(1, 'a', 'b', { delayMs: 50 }))).toEqual(new Set([50]));
  const jittered = schedule(1, 'a', 'b', { delayMs: 50, jitterMs: 20 });
  expect([Math.min(...jittered) >= 50, Math.max(...jittered) <= 70, new Set(jittered).size > 400]).toEqual([true, true, true]);
  const lossy = schedule(1, 'a', 'b', { delayMs: 50, loss: 0.1 });
  const lost = lossy.filter((at) => at > 50);
  expect(lost.length).toBeGreaterThan(25);
  expect(lost.length).toBeLessThan(85);
  // A time-out of 300 ms, doubled each time the same segment is lost again.
  expect([...new Set(lossy)].filter((at) => ![50, 350, 950, 2150, 4550].includes(at))).toEqual([]);
});

test('bandwidth spreads what is sent together, and is free again afterwards', () => {
  const way = simulatedNetwork({ seed: 1, links: { bytesPerSecond: 10_000 } }).way('a', 'b');
  expect([way.arrivalOf(1000, 0), way.arrivalOf(1000, 0), way.arrivalOf(500, 0)]).toEqual([100, 200, 250]);
  expect(way.arrivalOf(1000, 5000)).toBe(5100);
});

test('what is said of a link holds both ways, and of no other', () => {
  const network = simulatedNetwork({ seed: 1 });
  network.link('a', 'b').delay(30).jitter(5).loss(0.5).bandwidth(9);
  const said = { delayMs: 30, jitterMs: 5, loss: 0.5, bytesPerSecond: 9 };
  expect([network.way('a', 'b').quality, network.way('b', 'a').quality]).toEqual([said, said]);
  expect(network.way('a', 'c').quality).toEqual({ delayMs: 0, jitterMs: 0, loss: 0, bytesPerSecond: Infinity });
});
