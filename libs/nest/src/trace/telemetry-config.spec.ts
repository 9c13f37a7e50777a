import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { describeConfig } from '../config/describe-config.ts';
import { telemetryConfig } from './telemetry-config.ts';

test('docs/telemetry.md has the settings as they are declared', () => {
  const page = readFileSync(new URL('../../../../docs/telemetry.md', import.meta.url), 'utf8');
  expect(page).toContain(describeConfig(telemetryConfig));
});
