import { expect, test } from '@jest/globals';
import { dialSome, type DialSomeOptions } from './dial-some.ts';

const never = new AbortController().signal;

/** Dials of a world in which some addresses never answer until they are given up; says which were being dialled at once, and which were given up. */
function world(dead: readonly string[]) {
  const dialled: string[] = [];
  const givenUp: string[] = [];
  let [running, most] = [0, 0];
  const dial = async (address: string, signal: AbortSignal): Promise<boolean> => {
    dialled.push(address);
    most = Math.max(most, (running += 1));
    if (dead.includes(address)) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      givenUp.push(address);
    }
    running -= 1;
    return !dead.includes(address);
  };
  return { dialled, givenUp, dial, most: () => most };
}

const options = (dial: DialSomeOptions['dial'], more: Partial<DialSomeOptions> = {}): DialSomeOptions => ({ wanted: 1, parallel: 4, staggerMs: 1, jitterMs: 1, random: Math.random, dial, ...more });

test('dead addresses do not keep a good one from being reached, and are given up then', async () => {
  const { dial, givenUp } = world(['a', 'b']);
  expect(await dialSome(['a', 'b', 'c'], options(dial), never)).toBe(1);
  expect(givenUp.sort()).toEqual(['a', 'b']);
});

test('no more are dialled at once than may be, however many are dead', async () => {
  const stopping = new AbortController();
  const { dial, dialled, most } = world(['a', 'b', 'c', 'd']);
  const counting: DialSomeOptions['dial'] = (address, signal) => {
    const answer = dial(address, signal);
    if (dialled.length === 3) stopping.abort();
    return answer;
  };
  expect(await dialSome(['a', 'b', 'c', 'd'], options(counting, { parallel: 3 }), stopping.signal)).toBe(0);
  expect(most()).toBe(3);
  expect(dialled).toEqual(expect.not.arrayContaining(['d']));
});

test('when one fails the next is dialled at once, without waiting for its turn', async () => {
  const tried: string[] = [];
  const dial = (address: string): Promise<boolean> => Promise.resolve(tried.push(address) === 3);
  expect(await dialSome(['a', 'b', 'c', 'd'], options(dial, { staggerMs: 3_600_000 }), never)).toBe(1);
  expect(tried).toEqual(['a', 'b', 'c']);
});

test('it ends when all were tried in vain, when there is nobody, and when the peer stops', async () => {
  const fail = (): Promise<boolean> => Promise.resolve(false);
  expect(await dialSome(['a', 'b'], options(fail), never)).toBe(0);
  expect(await dialSome([], options(fail), never)).toBe(0);
  expect(await dialSome(['a'], options(fail), AbortSignal.abort())).toBe(0);
});
