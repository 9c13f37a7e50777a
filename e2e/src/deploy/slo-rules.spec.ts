import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { externalProgram } from '@souk/testing/external';
import { ruleFile } from './monitoring/prometheus.ts';
import { runToEnd, type Ended } from '../scenario/child.ts';
import { repository } from '../scenario/repository.ts';
import { Scenario } from '../scenario/scenario.ts';

const world = new Scenario();
afterAll(() => world.end());

const promtool = (...words: string[]): Promise<Ended> => runToEnd(externalProgram('promtool'), words, { cwd: world.path, env: {} });

/** The stories of alerts (tools/slo/alert-cases.ts) about a file of rules, as test files of promtool by their step. */
async function stories(rules: string): Promise<Record<string, string>> {
  const { stdout } = await runToEnd(process.execPath, ['--disable-warning=ExperimentalWarning', join(repository, 'tools/slo/print-alert-tests.ts'), rules], { cwd: repository, env: world.environment });
  const files: Record<string, string> = {};
  for (const [step, text] of Object.entries(JSON.parse(stdout) as Record<string, string>)) {
    files[step] = join(world.path, `alerts-${step}.yaml`);
    writeFileSync(files[step], text);
  }
  return files;
}

test('promtool finds nothing wrong with the rules of the chart', async () => {
  const { code, stdout, stderr } = await promtool('check', 'rules', ruleFile);
  expect({ code, says: stdout + stderr }).toEqual({ code: 0, says: expect.stringContaining('SUCCESS') });
});

test.each(['1m', '10m'])('each alert fires in its story and stays quiet in the other, in steps of %s', async (step) => {
  const { code, stdout, stderr } = await promtool('test', 'rules', (await stories(ruleFile))[step] ?? '');
  expect({ code, says: stdout + stderr }).toEqual({ code: 0, says: expect.stringContaining('SUCCESS') });
});

test('a bound that is moved is found', async () => {
  const moved = join(world.path, 'moved-rules.yaml');
  const rules = readFileSync(ruleFile, 'utf8');
  writeFileSync(moved, rules.replace('souk:search_latency > 0.15', 'souk:search_latency > 0.5'));
  expect(readFileSync(moved, 'utf8')).not.toBe(rules);
  const { code, stdout, stderr } = await promtool('test', 'rules', (await stories(moved))['1m'] ?? '');
  expect(code).toBe(1);
  expect(stdout + stderr).toContain('SoukSearchSlow');
});
