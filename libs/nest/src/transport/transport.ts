import type { Connection, ConnectionOptions } from './connection.ts';
import type { InProcessBroker } from './in-process-broker.ts';
import type { HostPort } from './nats/greeting.ts';

/** How the services of a site reach one another; every member of the union passes the same conformance suite. */
export type TransportOptions = InProcessTransport | NatsTransport;

/** All services in one process, over one broker. */
export interface InProcessTransport {
  readonly type: 'in-process';
  readonly broker: InProcessBroker;
}

/** Each service on its own, over core NATS. */
export interface NatsTransport {
  readonly type: 'nats';
  /** Servers of one cluster, of which any may be used. */
  readonly servers: readonly HostPort[];
  readonly user?: string;
  readonly password?: string;
}

/** Opens a service's connection. Throws BAD_CONFIG when NATS is there and refuses the user. */
export async function connectTransport(transport: TransportOptions, options: ConnectionOptions): Promise<Connection> {
  switch (transport.type) {
    case 'in-process':
      return transport.broker.connect(options);
    case 'nats': {
      // A site in one process has no use for the client library, and starts without it.
      const { connectNats } = await import('./nats/nats-connection.ts');
      return connectNats({ ...transport, ...options });
    }
  }
}
