import { connect, errors, type NatsConnection as Client } from '@nats-io/transport-node';
import type { Message, PublishOptions } from '../connection.ts';
import { greeting, type HostPort } from './greeting.ts';
import { notConnected, reasonOf, RefusedUser, tooSlow } from './nats-errors.ts';
import { toHeaders, toMessage } from './nats-message.ts';
import { OutboundBudget } from './outbound-budget.ts';

/** Who connects to which of several servers. */
export interface NatsLogin {
  readonly servers: readonly HostPort[];
  readonly user?: string;
  readonly password?: string;
  /** Shown in the server's own monitoring. */
  readonly name: string;
  /** Milliseconds that one attempt may take. 5,000 unless given. */
  readonly connectMs?: number;
  /** Milliseconds between questions whether the server lives; after three without an answer it counts as dead. 5,000 unless given. */
  readonly lifeSignMs?: number;
}

/** What a session tells while it lives. */
export interface SessionListener {
  /** The server did not carry a message to a subject. */
  readonly refusedPublish: (subject: string) => void;
  /** The server did not accept a subscription. */
  readonly refusedSubscription: (subject: string) => void;
}

/** A subscription of one session. */
export interface SessionSubscription {
  unsubscribe(): void;
  /** Resolves when what was on its way has been delivered. */
  drain(): Promise<void>;
}

const defaultConnectMs = 5_000;
const defaultLifeSignMs = 5_000;
const mostMissed = 2;
const mostWaitingBytes = 67_108_864;

/**
 * Connects to the first server that works, tried in this order. Rejects with RefusedUser when one refused the user, else with the
 * last server's reason.
 */
export async function openSession(login: NatsLogin, listener: SessionListener, signal: AbortSignal): Promise<NatsSession> {
  const connectMs = login.connectMs ?? defaultConnectMs;
  let failure: unknown = new Error('no server is known');
  for (const server of login.servers) {
    try {
      await greeting(server, connectMs, signal);
      const client = await connect({
        servers: `${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}`,
        name: login.name,
        ...(login.user === undefined ? {} : { user: login.user, pass: login.password ?? '' }),
        // Who connects again, and when, is decided in one place, which also subscribes again.
        reconnect: false,
        ignoreClusterUpdates: true,
        timeout: connectMs,
        noAsyncTraces: true,
        // Life signs are asked for by the session itself.
        pingInterval: 2 ** 31 - 1,
      });
      return new NatsSession(client, listener, login.lifeSignMs ?? defaultLifeSignMs);
    } catch (error) {
      const refused = error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError;
      if (!(failure instanceof RefusedUser)) failure = refused ? new RefusedUser(reasonOf(error)) : error;
    }
  }
  throw failure;
}

/** One connection to one NATS server, from its begin to its end. */
export class NatsSession {
  readonly #client: Client;
  readonly #listener: SessionListener;
  readonly #budget: OutboundBudget;
  readonly #ended = Promise.withResolvers<string>();
  readonly #lifeSigns: NodeJS.Timeout;
  #missed = 0;
  #live = true;

  constructor(client: Client, listener: SessionListener, lifeSignMs: number) {
    this.#client = client;
    this.#listener = listener;
    this.#budget = new OutboundBudget(mostWaitingBytes, () => client.flush());
    this.#lifeSigns = setInterval(() => this.#askForLife(), lifeSignMs).unref();
    void this.#followStatus();
    void client.closed().then((error) => this.end(error ? `the connection broke (${reasonOf(error)})` : 'the server closed the connection'));
  }

  /** Resolves with the reason when the session is over. */
  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  /** Most bytes of one message that this server takes. */
  get maxMessageBytes(): number {
    return this.#client.info?.max_payload ?? Number.POSITIVE_INFINITY;
  }

  /** Sends a message of so many bytes. Throws UNAVAILABLE when the session is over or the server too slow. */
  publish(subject: string, data: Uint8Array, bytes: number, { reply, headers }: PublishOptions): void {
    if (!this.#live) throw notConnected('the connection was lost');
    if (!this.#budget.take(bytes)) throw tooSlow(subject);
    try {
      this.#client.publish(subject, data, { ...(reply === undefined ? {} : { reply }), ...(headers ? { headers: toHeaders(headers) } : {}) });
    } catch (error) {
      throw this.#client.isClosed() ? notConnected('the connection was lost') : error;
    }
  }

  /** Subscribes until the session is over. */
  subscribe(subject: string, queue: string | undefined, onMessage: (message: Message) => void): SessionSubscription {
    const subscription = this.#client.subscribe(subject, {
      ...(queue === undefined ? {} : { queue }),
      callback: (error, received) => {
        if (error) this.#listener.refusedSubscription(subject);
        else if (this.#live) onMessage(toMessage(received));
      },
    });
    return { unsubscribe: () => subscription.unsubscribe(), drain: () => subscription.drain() };
  }

  /** Resolves when the server has taken in all that was published and subscribed before. Rejects when the session ends. */
  flush(): Promise<void> {
    return this.#budget.flush();
  }

  /** Ends the session at once: nothing is delivered any more, what the server has not taken in is lost. */
  end(reason: string): void {
    if (!this.#live) return;
    this.#live = false;
    clearInterval(this.#lifeSigns);
    this.#ended.resolve(reason);
    void this.#client.close();
  }

  #askForLife(): void {
    if (this.#missed >= mostMissed) return this.end('the server does not answer any more');
    this.#missed += 1;
    this.flush().then(
      () => (this.#missed = 0),
      () => {},
    );
  }

  async #followStatus(): Promise<void> {
    for await (const status of this.#client.status()) {
      if (status.type !== 'error') continue;
      const { error } = status;
      if (error instanceof errors.PermissionViolationError && error.operation === 'publish') this.#listener.refusedPublish(error.subject);
    }
  }
}
