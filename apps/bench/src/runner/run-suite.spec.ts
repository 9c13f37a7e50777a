import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { plantedScenario } from '../testing/planted-scenario.ts';
import { shared } from './bench.ts';
import type { Bench } from './bench.ts';
import { runSuite } from './run-suite.ts';
import type { Scenario } from './scenario.ts';

const quiet = { quick: true, scratchIn: tmpdir(), signal: new AbortController().signal, say: () => {} };
const using = (name: string, use: (bench: Bench) => Promise<void>): Scenario => {
  const scenario = plantedScenario({ name });
  return { ...scenario, setup: async (bench) => (await use(bench), scenario.setup(bench)) };
};

test('a scenario that fails does not keep the next ones from running', async () => {
  const failing = plantedScenario({ name: 'planted/broken', run: async () => Promise.reject(new Error('no')) });
  const results = await runSuite([failing, plantedScenario({ name: 'planted/fine' })], quiet);
  expect(results.map(({ name, verdict }) => [name, verdict])).toEqual([['planted/broken', 'failed'], ['planted/fine', 'none']]);
});

test('what scenarios share is made once and ended after the last one, the latest first, and the folder is removed', async () => {
  const steps: string[] = [];
  let scratch = '';
  const site = shared(async (bench) => {
    scratch = bench.scratch;
    steps.push(`made in ${existsSync(scratch) ? 'a folder' : 'nothing'}`);
    bench.atEnd(async () => void steps.push('first ended'));
    bench.atEnd(async () => Promise.reject(new Error('an end that fails stops no other')));
    bench.atEnd(async () => void steps.push('last ended'));
  });
  await runSuite([using('planted/a', site), using('planted/b', async (bench) => (await site(bench), void steps.push('b ran')))], quiet);
  expect(steps).toEqual(['made in a folder', 'b ran', 'last ended', 'first ended']);
  expect(existsSync(scratch)).toBe(false);
});

test('what could not be made is asked for once; every scenario that wants it is failed', async () => {
  const site = shared(async (): Promise<void> => Promise.reject(new Error('no site')));
  const results = await runSuite([using('planted/a', site), using('planted/b', site)], quiet);
  expect(results).toMatchObject([{ verdict: 'failed', error: 'no site' }, { verdict: 'failed', error: 'no site' }]);
});
