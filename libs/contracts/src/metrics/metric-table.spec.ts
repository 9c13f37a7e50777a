import { expect, test } from '@jest/globals';
import { buckets } from './buckets.ts';
import { metric, metricTable, type MetricName } from './metric-table.ts';

const names = Object.keys(metricTable) as MetricName[];
const ours = names.filter((name) => name.startsWith('souk_'));

test.each(ours)('%s says in its name what it is, as Prometheus asks', (name) => {
  const { type, unit, labels, buckets: bounds = [] } = metric(name);
  expect([name, /^souk_[a-z0-9]+(?:_[a-z0-9]+)*$/.test(name)]).toEqual([name, true]);
  expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
  const [, base = name] = /^(.*?)(?:_total)?$/.exec(name) ?? [];
  expect([name, base.endsWith('_seconds'), base.endsWith('_bytes')]).toEqual([name, unit === 'seconds', unit === 'bytes']);
  expect([name, bounds.length > 0]).toEqual([name, type === 'histogram']);
  for (const label of Object.keys(labels)) expect(label).toMatch(/^[a-z]+$/);
});

test('bounds rise', () => {
  for (const [name, bounds] of Object.entries(buckets)) expect([name, bounds]).toEqual([name, [...bounds].toSorted((a, b) => a - b)]);
});

test.each([
  // targets and alerts of the service-level objectives, in seconds
  ['souk_http_seconds', [0.01, 0.03, 0.1, 0.15, 0.5, 2, 3]],
  ['souk_rpc_seconds', [0.001, 0.005, 0.03, 0.1, 0.15, 0.2, 0.5]],
  ['souk_lookup_seconds', [0.00001, 0.0002, 0.001, 0.3, 0.5, 0.8]],
  ['souk_install_seconds', [0.15, 2, 3]],
  ['souk_gossip_seconds', [0.1, 0.43, 1, 3]],
] as const)('objectives on %s are bounds of it, so that nothing is interpolated', (name, thresholds) => {
  for (const threshold of thresholds) expect(metric(name).buckets).toContain(threshold);
});
