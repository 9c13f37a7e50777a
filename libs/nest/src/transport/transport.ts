import type { Connection, ConnectionOptions } from './connection.ts';
import type { InProcessBroker } from './in-process-broker.ts';

/** How the services of a site reach one another; every member of the union passes the same conformance suite. */
export type TransportOptions = InProcessTransport;

/** All services in one process, over one broker. */
export interface InProcessTransport {
  readonly type: 'in-process';
  readonly broker: InProcessBroker;
}

/** Opens a service's connection. */
export function connectTransport(transport: TransportOptions, options: ConnectionOptions): Promise<Connection> {
  switch (transport.type) {
    case 'in-process':
      return Promise.resolve(transport.broker.connect(options));
  }
}
