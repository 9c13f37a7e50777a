import { connect, errors, type NatsConnection as RawClient } from '@nats-io/transport-node';
import { natsServerConfig, serviceNames, type ServiceName } from '@souk/contracts';
import { randomBytes } from 'node:crypto';
import { link, type Link } from './link.ts';

const passwords = Object.fromEntries(serviceNames.map((name) => [name, `p-${randomBytes(12).toString('hex')}`])) as Record<ServiceName, string>;

/** How a nats-server is started that knows every service: one password comes from its environment, as in Kubernetes. */
export const knowsServices = {
  config: natsServerConfig({ ...passwords, peer: { env: 'PASSWORD_OF_PEER' } }),
  env: { PASSWORD_OF_PEER: passwords.peer },
};

/** A service as its own code connects it. */
export function serviceLink(port: number, name: ServiceName): Promise<Link> {
  return link(port, { name, user: name, password: passwords[name] });
}

/** What somebody can do who has taken over a service: a connection as its user, without any of its code. */
export class Intruder implements AsyncDisposable {
  readonly client: RawClient;
  readonly #refused: string[] = [];

  private constructor(client: RawClient) {
    this.client = client;
    void this.#note();
  }

  /** Connects as a service; on a server without users the name does not matter. */
  static async as(port: number, name: ServiceName): Promise<Intruder> {
    return new Intruder(await connect({ port, user: name, pass: passwords[name], noAsyncTraces: true, reconnect: false }));
  }

  /** What the server refused of everything that was tried since the last time: `publish x`, `subscribe x` or `subscribe x as y`. */
  async refused(): Promise<string[]> {
    await this.client.flush();
    // What came before the answer to the flush is still being told.
    await new Promise((resolve) => setImmediate(resolve));
    return this.#refused.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }

  async #note(): Promise<void> {
    for await (const status of this.client.status()) {
      if (status.type !== 'error' || !(status.error instanceof errors.PermissionViolationError)) continue;
      const { operation, subject, queue } = status.error;
      this.#refused.push(operation === 'publish' ? `publish ${subject}` : `subscribe ${subject}${queue === undefined ? '' : ` as ${queue}`}`);
    }
  }
}
