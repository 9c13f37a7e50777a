import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { generatedFiles } from './generated-files.ts';
import { alertCases } from './alert-cases.ts';
import { anchorOf, ruleGroups } from './rule-file.ts';

const top = fileURLToPath(new URL('../..', import.meta.url));
const alerts = new Set(ruleGroups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : []))));

test.each(Object.keys(generatedFiles))('%s is what the objectives make it: after a change of them, npm run slo', (path) => {
  expect(readFileSync(join(top, path), 'utf8')).toBe(generatedFiles[path]?.());
});

test('every alert has a section in docs/operations.md, where its runbook leads, and no section is of another one', () => {
  const sections = [...readFileSync(join(top, 'docs/operations.md'), 'utf8').matchAll(/^### (Alert \w+)$/gm)].map(([, title = '']) => title);
  expect(sections.toSorted()).toEqual([...alerts].map((name) => `Alert ${name}`).toSorted());
  expect(sections.map((title) => title.toLowerCase().replaceAll(' ', '-')).toSorted()).toEqual([...alerts].map(anchorOf).toSorted());
});

test('every alert of each severity has a story in which it fires and one in which it stays quiet', () => {
  expect(new Set(alertCases.map(({ alert }) => alert))).toEqual(alerts);
  const burns = ['SoukErrorsBurn', 'SoukSlowSearchesBurn'];
  expect(burns.flatMap((name) => [...new Set(alertCases.flatMap(({ alert, severity }) => (alert === name ? [severity] : [])))].toSorted())).toEqual(['page', 'ticket', 'page', 'ticket']);
});

test('the bounds that wake somebody are those of the original', () => {
  const bounds = Object.fromEntries(ruleGroups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule && rule.for === '10m' && rule.expr.startsWith('souk:') ? [[rule.alert, rule.expr]] : []))));
  expect(bounds).toEqual({
    SoukSearchSlow: 'souk:search_latency > 0.15',
    SoukLookupSlow: 'souk:lookup_latency > 0.8',
    SoukCacheHitsLow: 'souk:cache_hit_rate < 0.7',
    SoukInstallSlow: 'souk:install_latency > 3',
    SoukDiscoverySlow: 'souk:discovery > 5',
  });
});
