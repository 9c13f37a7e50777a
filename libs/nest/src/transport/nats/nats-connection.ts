import { maxMessageBytes } from '@souk/contracts';
import type { SoukError } from '@souk/domain';
import { setTimeout as pause } from 'node:timers/promises';
import {
  closedError,
  messageBytes,
  tooLarge,
  type Connection,
  type ConnectionOptions,
  type ConnectionWatcher,
  type Message,
  type PublishOptions,
  type Subscription,
} from '../connection.ts';
import { BackOff, type Ending } from './back-off.ts';
import { notAllowed, notConnected, reasonOf, refusedProblem, RefusedUser, refusedUser, userText } from './nats-errors.ts';
import { openSession, type NatsLogin, type NatsSession, type SessionListener, type SessionSubscription } from './nats-session.ts';

/** How a service connects to NATS. */
export interface NatsOptions extends ConnectionOptions, NatsLogin {
  /** Waits between attempts; a timer unless given. Rejects when the signal aborts. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

interface Wish {
  readonly subject: string;
  readonly queue?: string;
  readonly onMessage: (message: Message) => void;
  current?: SessionSubscription;
}

/** Longest wait for a server to take in what was sent, in milliseconds. */
const farewellMs = 2_000;

/**
 * Connects a service to NATS, and again whenever the connection is lost, for ever. Resolves after the first attempt: when NATS cannot
 * be reached yet the service goes on without it. Throws BAD_CONFIG when the first attempt is refused because of the user.
 */
export async function connectNats(options: NatsOptions): Promise<Connection> {
  const connection = new NatsConnection(options);
  try {
    await connection.attempted;
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

class NatsConnection implements Connection {
  readonly #options: NatsOptions;
  readonly #wishes = new Set<Wish>();
  readonly #watchers: ConnectionWatcher[] = [];
  readonly #stopping = new AbortController();
  readonly #attempted = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  #session: NatsSession | undefined;
  #problem: string | undefined = 'it has not connected yet';

  constructor(options: NatsOptions) {
    this.#options = options;
    this.#running = this.#stayConnected();
  }

  /** Settles with the first attempt to connect. */
  get attempted(): Promise<void> {
    return this.#attempted.promise;
  }

  get name(): string {
    return this.#options.name;
  }

  get maxMessageBytes(): number {
    return Math.min(maxMessageBytes, this.#session?.maxMessageBytes ?? maxMessageBytes);
  }

  publish(subject: string, data: Uint8Array, options: PublishOptions = {}): void {
    if (this.#stopping.signal.aborted) throw closedError();
    const bytes = messageBytes(data, options.headers);
    if (bytes > this.maxMessageBytes) throw tooLarge(subject, bytes, this.maxMessageBytes);
    if (!this.#session) throw notConnected(this.#problem ?? 'it is connecting');
    this.#session.publish(subject, data, bytes, options);
  }

  subscribe(subject: string, { queue }: { readonly queue?: string }, onMessage: (message: Message) => void): Subscription {
    if (this.#stopping.signal.aborted) throw closedError();
    let live = true;
    const wish: Wish = { subject, ...(queue === undefined ? {} : { queue }), onMessage: (message) => live && onMessage(message) };
    this.#wishes.add(wish);
    if (this.#session) this.#bind(wish, this.#session);
    const unsubscribe = (): void => {
      live = false;
      this.#wishes.delete(wish);
      wish.current?.unsubscribe();
    };
    const drain = async (): Promise<void> => {
      this.#wishes.delete(wish);
      await this.#inTime(wish.current?.drain());
      live = false;
    };
    return { unsubscribe, drain };
  }

  flush(): Promise<void> {
    return this.#inTime(this.#session?.flush());
  }

  watch(watcher: ConnectionWatcher): void {
    this.#watchers.push(watcher);
  }

  async close(): Promise<void> {
    for (const wish of this.#wishes) wish.current?.unsubscribe();
    this.#wishes.clear();
    this.#stopping.abort();
    await this.flush();
    this.#session?.end('this service has closed it');
    await this.#running;
  }

  async #stayConnected(): Promise<void> {
    const { signal } = this.#stopping;
    const wait = this.#options.pause ?? ((milliseconds, stop) => pause(milliseconds, undefined, { signal: stop }));
    const backOff = new BackOff(Math.random);
    while (!signal.aborted) {
      const ending = await this.#connectOnce(backOff);
      if (!signal.aborted) await wait(backOff.next(ending), signal).catch(() => {});
    }
  }

  /** One attempt, and the life of the connection that it leads to. */
  async #connectOnce(backOff: BackOff): Promise<Ending> {
    try {
      const session = await openSession(this.#login(), this.#listener(), this.#stopping.signal);
      const began = performance.now();
      await this.#use(session);
      backOff.lived(performance.now() - began);
      return 'unreachable';
    } catch (error) {
      const isRefused = error instanceof RefusedUser;
      this.#say(isRefused ? refusedProblem(this.#options.user) : reasonOf(error));
      if (isRefused) this.#attempted.reject(refusedUser(this.#options.user, error));
      else this.#attempted.resolve();
      return isRefused ? 'refused' : 'unreachable';
    }
  }

  async #use(session: NatsSession): Promise<void> {
    if (this.#stopping.signal.aborted) return session.end('this service has closed it');
    this.#session = session;
    this.#problem = undefined;
    for (const wish of this.#wishes) this.#bind(wish, session);
    // Until this has come back somebody may be told that nobody listens here.
    await Promise.race([session.flush().catch(() => {}), session.ended]);
    if (this.#problem === undefined) this.#say(undefined);
    this.#attempted.resolve();
    const reason = await session.ended;
    this.#session = undefined;
    for (const wish of this.#wishes) delete wish.current;
    if (!this.#stopping.signal.aborted) this.#say(reason);
    this.#tellLost(notConnected(reason));
  }

  #bind(wish: Wish, session: NatsSession): void {
    wish.current = session.subscribe(wish.subject, wish.queue, wish.onMessage);
  }

  /** In an order of its own each time, so that services spread over the servers. */
  #login(): NatsLogin {
    const shuffled = this.#options.servers.map((server) => ({ server, at: Math.random() })).sort((a, b) => a.at - b.at);
    return { ...this.#options, servers: shuffled.map(({ server }) => server) };
  }

  #listener(): SessionListener {
    const { user } = this.#options;
    return {
      refusedPublish: (subject) => {
        for (const { refused } of this.#watchers) refused(subject, notAllowed(subject, user));
      },
      refusedSubscription: (subject) => this.#say(`NATS does not let ${userText(user)} listen to ${subject}: its users are of another version`),
    };
  }

  #say(problem: string | undefined): void {
    this.#problem = problem;
    this.#options.onState?.(problem === undefined ? {} : { problem });
  }

  #tellLost(error: SoukError): void {
    for (const { lost } of this.#watchers) lost(error);
  }

  /** Waits for what a session does, but not beyond its end and not for ever, and does not care whether it succeeds. */
  async #inTime(work: Promise<unknown> | undefined): Promise<void> {
    const session = this.#session;
    if (!work || !session) return;
    const settled = new AbortController();
    const limit = pause(farewellMs, undefined, { signal: settled.signal }).catch(() => {});
    await Promise.race([work.catch(() => {}), session.ended, limit]);
    settled.abort();
  }
}
