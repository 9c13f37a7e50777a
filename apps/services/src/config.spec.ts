import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { describeConfig } from '@souk/nest';
import { passwordConfig, servicesConfig } from './config.ts';

test('docs/services.md has the settings as they are declared', () => {
  const { natsServer, natsUrl } = servicesConfig;
  const page = readFileSync(new URL('../../../docs/services.md', import.meta.url), 'utf8');
  expect(page).toContain(describeConfig({ natsServer, natsUrl, ...passwordConfig(false) }));
});
