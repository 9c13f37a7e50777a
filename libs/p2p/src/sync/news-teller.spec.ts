import { expect, test } from '@jest/globals';
import { NewsTeller } from './news-teller.ts';

const linked = ['full', 'follower', 'old leaf'];

/** A teller whose links are these; what `leaf` brings is gossiped. */
function scene(): { teller: NewsTeller; greeted: string[]; untilGreeted(times: number): Promise<void> } {
  const greeted: string[] = [];
  const waiting = new Set<() => void>();
  const greet = (peer: string): void => {
    greeted.push(peer);
    for (const wake of waiting) wake();
  };
  const untilGreeted = async (times: number): Promise<void> => {
    while (greeted.length < times) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      await promise;
      waiting.delete(resolve);
    }
  };
  const spreading = { isPushedTo: (peer: string) => peer === 'follower', isGossipedTo: (peer: string) => peer.startsWith('full'), isGossiped: (source: string) => source === 'leaf' };
  return { teller: new NewsTeller({ spreading, linked: () => linked, greet }, 1e9), greeted, untilGreeted };
}

test('who brought news, who is pushed to, and where they are gossiped who hears that, is not greeted', async () => {
  const { teller, greeted, untilGreeted } = scene();
  teller.came('full', 1);
  await untilGreeted(1);
  expect(greeted).toEqual(['old leaf']);
  teller.stop();
});

test('those that take no part in gossip rest when they were greeted, however much comes; the others do not', async () => {
  const { teller, greeted, untilGreeted } = scene();
  teller.came('leaf', 1);
  await untilGreeted(1);
  teller.came('leaf', 1);
  teller.came('somebody', 1);
  await untilGreeted(2);
  expect(greeted).toEqual(['old leaf', 'full']);
  teller.stop();
});

test('once it is stopped nobody is greeted, and nothing is left that keeps the process', async () => {
  const { teller, greeted } = scene();
  teller.came('somebody', 1);
  teller.stop();
  teller.came('somebody', 1);
  expect(greeted).toEqual([]);
});
