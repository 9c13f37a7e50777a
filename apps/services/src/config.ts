import { serviceNames, type ServiceName } from '@souk/contracts';
import { announceConfig, defineConfig, serviceConfig, type ConfigField } from '@souk/nest';
import { z } from 'zod';

const ownPassword = z.string().regex(/^[\x20-\x7e]{16,}$/, 'expected at least 16 printable ASCII characters');
const oneEach = `each service has a user and a password of its own: set ${serviceNames.map(passwordVariable).join(', ')}`;

/** What `npm run services` can be told beside what its services can. */
export const servicesConfig = defineConfig({
  ...announceConfig,
  natsServer: { env: 'SOUK_NATS_SERVER', schema: z.string().min(1), default: 'nats-server', help: 'Program of NATS, which is started when SOUK_NATS_URL is unset. `npm run services` finds or fetches one.' },
  natsUrl: { ...serviceConfig.natsUrl, help: 'NATS servers that are there already, e.g. nats://127.0.0.1:4222; several of a cluster are separated by commas. Then every password is needed.' },
});

/** What it decides by itself: refused, not passed over. */
export const refusedConfig = defineConfig({
  natsUser: { env: 'SOUK_NATS_USER', schema: z.undefined(oneEach), help: 'Users are named as their services.' },
  natsPassword: { env: 'SOUK_NATS_PASSWORD', schema: z.undefined(oneEach), secret: true, help: 'Each service has one of its own.' },
  httpPort: { env: 'SOUK_HTTP_PORT', schema: z.literal('0', 'every process takes any free port, which its log names. Unset it').optional(), help: 'Every process takes any free port.' },
});

/** Passwords of the services at NATS: needed where the server is there already, else made up. */
export function passwordConfig(isNeeded: boolean): Readonly<Record<ServiceName, ConfigField<z.ZodType<string | undefined>>>> {
  const fields = serviceNames.map((name) => {
    const schema = isNeeded ? z.string() : ownPassword.optional();
    return [name, { env: passwordVariable(name), schema, secret: true, help: `Password of the user ${name} at NATS. Where NATS is started too: random.` }];
  });
  return Object.fromEntries(fields) as Record<ServiceName, ConfigField<z.ZodType<string | undefined>>>;
}

/** The variable that holds a service's password at NATS. */
export function passwordVariable(name: ServiceName): string {
  return `SOUK_NATS_PASSWORD_${name.toUpperCase()}`;
}
