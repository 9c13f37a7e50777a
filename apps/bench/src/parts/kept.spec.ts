import { expect, test } from '@jest/globals';
import type { Bench } from '../runner/bench.ts';
import { kept } from './kept.ts';

const bench = (): Bench => ({ quick: true, scratch: '', signal: new AbortController().signal, say: () => undefined, atEnd: () => undefined });

/** Networks of some sizes, and what was done to them. */
function networks(): { readonly done: string[]; readonly network: (size: number, one: Bench) => Promise<{ readonly size: number; stop(): Promise<void> }> } {
  const done: string[] = [];
  const network = kept(async (size: number) => {
    done.push(`made ${size}`);
    if (size === 13) throw new Error('not this one');
    return { size, stop: async () => void done.push(`ended ${size}`) };
  });
  return { done, network };
}

test('the last one is kept while the same is asked for, and ended when another is', async () => {
  const { done, network } = networks();
  const one = bench();
  expect(await network(10, one)).toBe(await network(10, one));
  await network(100, one);
  await network(10, one);
  expect(done).toEqual(['made 10', 'ended 10', 'made 100', 'ended 100', 'made 10']);
});

test('each run has its own, and what could not be made is tried again', async () => {
  const { done, network } = networks();
  const one = bench();
  await network(10, one);
  await network(10, bench());
  for (let tries = 0; tries < 2; tries += 1) await expect(network(13, one)).rejects.toThrow('not this one');
  expect(done).toEqual(['made 10', 'made 10', 'ended 10', 'made 13', 'made 13']);
});
