import type { ConfigOf } from '../config/define-config.ts';
import type { serviceConfig } from '../config/service-config.ts';
import { createLog } from '../log/log.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { tracingOf } from '../trace/tracing.ts';
import { InProcessBroker } from '../transport/in-process-broker.ts';
import type { TransportOptions } from '../transport/transport.ts';
import type { BootstrapOptions } from './bootstrap.ts';

/** The settings that every service has, and which of several peers it is, for a service that knows. */
export type ServiceSettings = ConfigOf<typeof serviceConfig> & { readonly ordinal?: number };

/** Bootstrap options of a service that runs as a process of its own, from the settings that every service has. */
export function serviceOptions(name: string, config: ServiceSettings): BootstrapOptions {
  const log = createLog({ level: config.logLevel });
  return {
    name,
    transport: transportOf(name, config),
    ...(config.ordinal === undefined ? {} : { ordinal: config.ordinal }),
    http: { host: config.httpHost, port: config.httpPort },
    log,
    metrics: createMetrics(),
    tracing: tracingOf(config, log),
  };
}

/** NATS where its address is known; without it nobody else can be reached. A password alone is that of the user named as the service. */
function transportOf(name: string, { natsUrl, natsUser, natsPassword }: ServiceSettings): TransportOptions {
  if (natsUrl === undefined) return { type: 'in-process', broker: new InProcessBroker() };
  const user = natsUser ?? (natsPassword === undefined ? undefined : name);
  return { type: 'nats', servers: natsUrl, ...(user === undefined ? {} : { user }), ...(natsPassword === undefined ? {} : { password: natsPassword }) };
}
