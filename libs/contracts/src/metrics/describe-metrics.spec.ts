import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { describeMetrics } from './describe-metrics.ts';

test('docs/telemetry.md lists the metrics as they are', () => {
  const page = readFileSync(new URL('../../../../docs/telemetry.md', import.meta.url), 'utf8');
  expect(page).toContain(describeMetrics());
});
