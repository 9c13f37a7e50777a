import { z } from 'zod';
import { logLevels } from '../log/log.ts';
import { defineConfig } from './define-config.ts';

/** A TCP port; 0 takes any free one. */
export const portSchema = z.coerce.number('expected a port number').int('expected a whole number').min(0, 'expected 0 or more').max(65_535, 'expected at most 65535');

/** What every service can be told. */
export const serviceConfig = defineConfig({
  logLevel: {
    env: 'SOUK_LOG_LEVEL',
    schema: z.enum(logLevels, `expected one of ${logLevels.join(', ')}`),
    default: 'info',
    help: 'Least urgent log lines that are written.',
  },
  httpHost: { env: 'SOUK_HTTP_HOST', schema: z.string(), default: '127.0.0.1', help: 'Address on which this service answers probes and metrics.' },
  httpPort: { env: 'SOUK_HTTP_PORT', schema: portSchema, default: '0', help: 'Port on which this service answers probes and metrics; 0 takes any free one.' },
});
