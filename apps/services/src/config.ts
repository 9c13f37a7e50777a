import { serviceNames, type ServiceName } from '@souk/contracts';
import { announceConfig, defineConfig, type ConfigField } from '@souk/nest';
import { z } from 'zod';

const ownPassword = z.string().regex(/^[\x20-\x7e]{16,}$/, 'expected at least 16 printable ASCII characters');
const oneEach = `each service has a user and a password of its own: set ${serviceNames.map(passwordVariable).join(', ')}`;

/** What `npm run services` can be told beside what its services can. What it decides by itself is refused, not passed over. */
export const servicesConfig = defineConfig({
  ...announceConfig,
  natsServer: { env: 'SOUK_NATS_SERVER', schema: z.string().min(1), default: 'nats-server', help: 'Program of NATS that is started when SOUK_NATS_URL is unset.' },
  natsUser: { env: 'SOUK_NATS_USER', schema: z.undefined(oneEach), help: 'Not here: users are named as their services.' },
  natsPassword: { env: 'SOUK_NATS_PASSWORD', schema: z.undefined(oneEach), secret: true, help: 'Not here: each service has one of its own.' },
  httpPort: { env: 'SOUK_HTTP_PORT', schema: z.literal('0', 'every process takes any free port, which its log names. Unset it').optional(), help: 'Not here: every process takes any free port.' },
});

/** Passwords of the services at NATS: needed where the server is there already, else made up. */
export function passwordConfig(isNeeded: boolean): Readonly<Record<ServiceName, ConfigField<z.ZodType<string | undefined>>>> {
  const fields = serviceNames.map((name) => {
    const schema = isNeeded ? z.string() : ownPassword.optional();
    return [name, { env: passwordVariable(name), schema, secret: true, help: `Password of the user ${name} at the NATS server of SOUK_NATS_URL. Without that: random.` }];
  });
  return Object.fromEntries(fields) as Record<ServiceName, ConfigField<z.ZodType<string | undefined>>>;
}

/** The variable that holds a service's password at NATS. */
export function passwordVariable(name: ServiceName): string {
  return `SOUK_NATS_PASSWORD_${name.toUpperCase()}`;
}
