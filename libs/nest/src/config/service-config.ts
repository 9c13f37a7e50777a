import { z } from 'zod';
import { logLevels } from '../log/log.ts';
import { telemetryConfig } from '../trace/telemetry-config.ts';
import { defineConfig } from './define-config.ts';
import { natsUrlSchema } from './nats-url.ts';

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
  ...telemetryConfig,
  natsUrl: { env: 'SOUK_NATS_URL', schema: natsUrlSchema.optional(), help: 'NATS servers over which the services of a site reach one another, e.g. nats://127.0.0.1:4222; several are separated by commas. Unset: this service stands alone.' },
  natsUser: { env: 'SOUK_NATS_USER', schema: z.string().min(1).optional(), help: "User of the NATS server. Unset: the service's name, when there is a password." },
  natsPassword: { env: 'SOUK_NATS_PASSWORD', schema: z.string().min(1).optional(), secret: true, help: 'Password of that user.' },
});

/** What every service that reads from the site's peers can be told. */
export const sitePeersConfig = defineConfig({
  peers: { env: 'SOUK_PEERS', schema: z.coerce.number('expected a number of peers').int('expected a whole number').min(1, 'expected 1 or more').max(64, 'expected at most 64'), default: '1', help: 'How many peers the site has; the same for each of its services.' },
});
