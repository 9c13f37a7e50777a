import { expect, test } from '@jest/globals';
import { dashboardExpressions } from './dashboard.ts';
import { expressionNames } from './expression-names.ts';
import { ruleGroups } from './rule-file.ts';
import { unknownNames } from './unknown-names.ts';

const rules = ruleGroups.flatMap((group) => group.rules);
const recorded = new Set(rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])));

test('rules and dashboard name only metrics, labels and bounds that the table of metrics has, or what the rules record', () => {
  const expressions = [...rules.map(({ expr }) => expr), ...dashboardExpressions];
  expect(expressions.flatMap((expression) => unknownNames(expression, recorded).map((problem) => `${problem}: ${expression}`))).toEqual([]);
  expect(expressions.length).toBeGreaterThan(60);
});

test.each([
  ['rate(souk_unheard_of_total[5m])', ['no metric souk_unheard_of_total']],
  ['souk_http_seconds', ['no metric souk_http_seconds']],
  ['souk_links_bucket', ['no metric souk_links_bucket']],
  ['souk_links{tier="hot"}', ['souk_links has no label tier']],
  ['souk_http_total{route=~"/v1/.*",state!="200"}', ['souk_http_total has no label state']],
  ['souk_http_seconds_count{le="0.1"}', ['souk_http_seconds_count has no label le']],
  ['rate(souk_http_seconds_bucket{le="0.12"}[5m])', ['souk_http_seconds is not counted by 0.12']],
  ['sum by (namespace, tier) (souk_links)', ['nothing has the label tier']],
  ['souk:search_latency{route="x"} > 1', ['souk:search_latency has no label route']],
  ['souk:made_up > 1', ['no metric souk:made_up']],
])('%s is refused', (expression, problems) => {
  expect(unknownNames(expression, recorded)).toEqual(problems);
});

test('what an expression names is read through functions, windows, offsets and joins', () => {
  expect(expressionNames('sum by (a, b) (rate(x_total{c="1",d=~"2|3"}[5m])) / y unless on (e) z offset 1h > 2 ^ 20')).toEqual({
    metrics: [{ name: 'x_total', labels: ['c', 'd'] }, { name: 'y', labels: [] }, { name: 'z', labels: [] }],
    grouping: ['a', 'b', 'e'],
  });
});
