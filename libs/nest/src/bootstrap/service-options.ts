import type { ConfigOf } from '../config/define-config.ts';
import type { serviceConfig } from '../config/service-config.ts';
import { createLog } from '../log/log.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { InProcessBroker } from '../transport/in-process-broker.ts';
import type { BootstrapOptions } from './bootstrap.ts';

/** Bootstrap options of a service that runs as a process of its own, from the settings that every service has. */
export function serviceOptions(name: string, config: ConfigOf<typeof serviceConfig>): BootstrapOptions {
  return {
    name,
    transport: { type: 'in-process', broker: new InProcessBroker() },
    http: { host: config.httpHost, port: config.httpPort },
    log: createLog({ level: config.logLevel }),
    metrics: createMetrics(),
  };
}
