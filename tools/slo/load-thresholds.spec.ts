import { expect, test } from '@jest/globals';
import { loadThresholds } from './load-thresholds.ts';
import { loadGoalFor } from './load-goals.ts';

test('thresholds of load tests are the targets of the objectives, in milliseconds', () => {
  expect(loadThresholds(['search', 'install'], (journey) => ({ took: `t{${journey}}`, failed: `f{${journey}}` }))).toEqual({
    't{search}': ['p(95)<100'],
    'f{search}': ['rate<0.001'],
    't{install}': ['p(95)<2000'],
    'f{install}': ['rate<0.001'],
  });
});

test('the goal under load follows from the size of the catalogue', () => {
  expect([1000, 9999, 10_000, 63_664].map((packages) => loadGoalFor(packages)?.searchesPerSecond)).toEqual([1500, 1500, 300, 300]);
});
