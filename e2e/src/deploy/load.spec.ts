import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { runToEnd } from '../scenario/child.ts';
import { repository } from '../scenario/repository.ts';
import { Scenario } from '../scenario/scenario.ts';

const world = new Scenario();
afterAll(() => world.end());

const Results = z.array(z.object({ scenario: z.string(), mode: z.string(), packages: z.int(), passed: z.boolean(), runs: z.array(z.object({ thresholds: z.record(z.string(), z.boolean()), journeys: z.array(z.object({ journey: z.string(), count: z.int(), failed: z.number() })) })) }));

test.each(['embedded', 'services'])('npm run load starts a site (%s), imports a catalogue, has a real k6 make every journey, and reports', async (mode) => {
  const out = world.folder('out', mode);
  const { code, stdout, stderr } = await runToEnd(process.execPath, ['--disable-warning=ExperimentalWarning', join(repository, 'tools/load/start-load.ts'), '--only', 'smoke', '--mode', mode, '--out', out], { cwd: repository, env: world.environment }, 900_000);
  const [result] = Results.parse(JSON.parse(readFileSync(join(out, 'load.json'), 'utf8')));
  expect({ ...result, runs: [] }).toMatchObject({ scenario: 'smoke', mode, packages: 1000 });
  // Whether the targets held says how busy this machine is; that no journey failed does not.
  const journeys = Object.fromEntries((result?.runs[0]?.journeys ?? []).map(({ journey, count, failed }) => [journey, { count, failed }]));
  const allFine = { count: 10, failed: 0 };
  expect(journeys).toEqual({ info: allFine, install: allFine, publish: allFine, search: allFine });
  expect([code, result?.passed]).toEqual(result?.passed ? [0, true] : [1, false]);
  expect(stdout).toContain('smoke: every journey ten times');
  expect(stderr).not.toContain('left something behind');
  const page = readFileSync(join(out, 'load.html'), 'utf8');
  expect(page).toContain('<h2>smoke: ');
  expect(page).not.toMatch(/(?:src|href)=/);
});
