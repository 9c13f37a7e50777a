import { expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from './command-line.ts';
import { registry } from './registry.ts';
import type { Scenario } from './runner/scenario.ts';
import { plantedScenario, plantedValue } from './testing/planted-scenario.ts';

const fine = plantedScenario({ name: 'planted/fine', goal: 3_000_000 });
const missing = plantedScenario({ name: 'planted/missing', goal: -1 });
const broken = plantedScenario({ name: 'planted/broken', run: async () => Promise.reject(new Error('it broke')) });

async function bench(scenarios: readonly Scenario[], ...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const written: string[] = [];
  const said: string[] = [];
  const code = await runCommandLine(words, { scenarios, resultsFolder: 'unused', scratchIn: tmpdir(), signal: new AbortController().signal, write: (text) => void written.push(text), say: (text) => void said.push(text) });
  return { code, out: written.join(''), err: said.join('\n') };
}

test('a scenario that fails exits with 1, and the others are measured', async () => {
  const { code, out } = await bench([broken, fine], '--json');
  expect(code).toBe(1);
  expect(out.trim().split('\n').map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { name: 'planted/broken', verdict: 'failed', error: 'it broke' },
    { name: 'planted/fine', unit: 'ms', n: 20, p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number), baseline: { name: 'nothing else', p50: expect.any(Number) }, ratio: expect.any(Number), goal: 3_000_000, verdict: 'goal' },
  ]);
});

test('a miss exits with 0, and with 1 under --strict', async () => {
  expect((await bench([missing, fine])).code).toBe(0);
  expect((await bench([missing, fine], '--strict')).code).toBe(1);
  expect((await bench([fine], '--strict')).code).toBe(0);
});

test('the table has a row for each scenario, the machine, and why one failed', async () => {
  const { out } = await bench([fine, missing, broken]);
  expect(out).toMatch(/^scenario +unit +n +value +p50 +p95 +p99 +goal +target +verdict +baseline +its figure +ratio$/m);
  expect(out).toMatch(/^planted\/fine +ms +20 .* goal +nothing else /m);
  expect(out).toMatch(/^planted\/missing +ms +20 .* miss +nothing else /m);
  expect(out).toMatch(/^planted\/broken +ms +- .* failed /m);
  expect(out).toContain('planted/broken FAILED: it broke');
  expect(out).toContain(`Node ${process.versions.node}`);
});

test('a scenario of one number has it in both forms, and is judged by it', async () => {
  const rate = plantedValue({ value: 1600, baseline: 4000, goal: 1500 });
  const { code, out } = await bench([rate], '--json', '--strict');
  expect([code, JSON.parse(out)]).toEqual([0, { name: 'planted/rate', unit: 'packages/s', value: 1600, better: 'more', baseline: { name: 'nothing else', value: 4000 }, ratio: 0.4, goal: 1500, verdict: 'goal', notes: [] }]);
  expect((await bench([plantedValue({ value: 1400, baseline: 4000, goal: 1500 })])).out).toMatch(/^planted\/rate +packages\/s +- +1400 .* >= 1500 +- +miss +nothing else +4000 +0.35x$/m);
  expect((await bench([rate], '--list')).out).toContain('Goal: >= 1500 packages/s.');
});

test('a quick run says so in both forms', async () => {
  expect((await bench([fine], '--quick')).out).toContain('QUICK RUN');
  expect(JSON.parse((await bench([fine], '--quick', '--json')).out)).toMatchObject({ n: 2, quick: true });
});

test('--only selects, and a glob that matches nothing is wrong usage', async () => {
  expect(JSON.parse((await bench([fine, broken], '--json', '--only', '*/fine')).out)).toMatchObject({ name: 'planted/fine' });
  expect(await bench([fine], '--only', 'planted/nothing')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('planted/fine') });
});

test('--list runs nothing', async () => {
  const { code, out } = await bench([broken, fine], '--list');
  expect([code, out.match(/^planted\/\w+/gm)]).toEqual([0, ['planted/broken', 'planted/fine']]);
  expect(JSON.parse((await bench([fine], '--list', '--json')).out)).toMatchObject({ name: 'planted/fine', goal: 3_000_000, baseline: 'nothing else' });
});

test('--save keeps the report with the machine it was measured on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'souk-bench-spec-'));
  try {
    expect(await bench([fine, broken], '--save', 'one', '--out', folder)).toMatchObject({ code: 1, err: expect.stringContaining('saved') });
    expect(JSON.parse(await readFile(join(folder, 'one.json'), 'utf8'))).toMatchObject({
      quick: false,
      machine: { cpu: expect.any(String), cores: expect.any(Number), node: process.versions.node, commit: expect.any(String) },
      results: [{ name: 'planted/fine', verdict: 'goal' }, { name: 'planted/broken', verdict: 'failed' }],
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.each([['--save', '../elsewhere'], ['--wrong'], ['word']])('%s %s is wrong usage, and nothing is measured', async (...words) => {
  expect(await bench([broken], ...words)).toMatchObject({ code: 2, out: '' });
});

test('the registry has no name twice, and every name is of the form family/what, or a family alone', () => {
  const names = registry.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z0-9-]+(\/[a-z0-9-]+)*$/.test(name))).toEqual([]);
});
