import { maxMessageBytes } from '@souk/contracts';
import { closedError, messageBytes, tooLarge, type Connection, type ConnectionOptions, type Message, type PublishOptions, type Subscription } from './connection.ts';

/** Limits of an in-process broker. */
export interface BrokerLimits {
  /** Most bytes of one message; NATS's default unless given. */
  readonly maxMessageBytes?: number;
  /** Most bytes that wait for one connection; what comes on top is dropped, as NATS drops for slow consumers. 64 MiB unless given. */
  readonly maxPendingBytes?: number;
}

interface Subscriber {
  readonly tokens: readonly string[];
  readonly queue?: string;
  readonly deliver: (message: Message) => void;
}

const defaultPendingBytes = 67_108_864;

/** Carries messages between the services of one process as a NATS server does between processes. */
export class InProcessBroker {
  readonly #maxMessageBytes: number;
  readonly #maxPendingBytes: number;
  readonly #exact = new Map<string, Set<Subscriber>>();
  readonly #wildcards = new Set<Subscriber>();
  #turn = 0;

  constructor(limits: BrokerLimits = {}) {
    this.#maxMessageBytes = limits.maxMessageBytes ?? maxMessageBytes;
    this.#maxPendingBytes = limits.maxPendingBytes ?? defaultPendingBytes;
  }

  /** Opens a connection, as one service does. */
  connect(options: ConnectionOptions): Connection {
    return new InProcessConnection(
      {
        maxMessageBytes: this.#maxMessageBytes,
        maxPendingBytes: this.#maxPendingBytes,
        add: (subscriber) => this.#add(subscriber),
        route: (message) => this.#route(message),
      },
      options,
    );
  }

  #add(subscriber: Subscriber): () => void {
    if (subscriber.tokens.includes('*')) {
      this.#wildcards.add(subscriber);
      return () => this.#wildcards.delete(subscriber);
    }
    const subject = subscriber.tokens.join('.');
    const same = this.#exact.get(subject) ?? new Set();
    this.#exact.set(subject, same.add(subscriber));
    return () => {
      // A second removal must not take away what others have subscribed to meanwhile.
      if (same.delete(subscriber) && same.size === 0) this.#exact.delete(subject);
    };
  }

  #route(message: Message): void {
    const receivers = this.#receiversOf(message.subject);
    for (const receiver of receivers) receiver.deliver(message);
    if (receivers.length === 0 && message.reply !== undefined) {
      const answer: Message = { subject: message.reply, data: new Uint8Array(), headers: {}, noResponders: true };
      for (const receiver of this.#receiversOf(message.reply)) receiver.deliver(answer);
    }
  }

  /** Everybody outside of queue groups, and of each group one member in turn. */
  #receiversOf(subject: string): Subscriber[] {
    const matching = [...(this.#exact.get(subject) ?? [])];
    if (this.#wildcards.size > 0) {
      const tokens = subject.split('.');
      for (const subscriber of this.#wildcards) if (matches(subscriber.tokens, tokens)) matching.push(subscriber);
    }
    if (!matching.some(({ queue }) => queue !== undefined)) return matching;
    const groups = new Map<string, Subscriber[]>();
    for (const subscriber of matching) {
      if (subscriber.queue !== undefined) groups.set(subscriber.queue, [...(groups.get(subscriber.queue) ?? []), subscriber]);
    }
    const turn = this.#turn++;
    const chosen = [...groups.values()].flatMap((members) => members[turn % members.length] ?? []);
    return [...matching.filter(({ queue }) => queue === undefined), ...chosen];
  }
}

function matches(pattern: readonly string[], tokens: readonly string[]): boolean {
  return pattern.length === tokens.length && pattern.every((token, index) => token === '*' || token === tokens[index]);
}

/** What a connection may ask of its broker. */
interface BrokerSide {
  readonly maxMessageBytes: number;
  readonly maxPendingBytes: number;
  add(subscriber: Subscriber): () => void;
  route(message: Message): void;
}

class InProcessConnection implements Connection {
  readonly name: string;
  readonly maxMessageBytes: number;
  readonly #broker: BrokerSide;
  readonly #options: ConnectionOptions;
  readonly #removals = new Set<() => void>();
  #arrived: { readonly run: () => void; readonly bytes: number }[] = [];
  #pendingBytes = 0;
  #scheduled = false;
  #closed = false;

  constructor(broker: BrokerSide, options: ConnectionOptions) {
    this.name = options.name;
    this.maxMessageBytes = broker.maxMessageBytes;
    this.#broker = broker;
    this.#options = options;
  }

  publish(subject: string, data: Uint8Array, options: PublishOptions = {}): void {
    if (this.#closed) throw closedError();
    const bytes = messageBytes(data, options.headers);
    if (bytes > this.maxMessageBytes) throw tooLarge(subject, bytes, this.maxMessageBytes);
    this.#broker.route({ subject, data, headers: { ...options.headers }, reply: options.reply });
  }

  subscribe(subject: string, options: { readonly queue?: string }, onMessage: (message: Message) => void): Subscription {
    if (this.#closed) throw closedError();
    let live = true;
    const remove = this.#broker.add({
      tokens: subject.split('.'),
      queue: options.queue,
      deliver: (message) => this.#enqueue(message, () => live && onMessage(message)),
    });
    const end = (): void => {
      live = false;
      remove();
      this.#removals.delete(end);
    };
    this.#removals.add(end);
    const drain = async (): Promise<void> => {
      remove();
      await turn();
      end();
    };
    return { unsubscribe: end, drain };
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  watch(): void {
    // The broker lives as long as the process and refuses nothing.
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const end of this.#removals) end();
    this.#arrived = [];
    return Promise.resolve();
  }

  /** Messages arrive in a later turn of the event loop, all that came meanwhile in one go, as from a socket. */
  #enqueue(message: Message, run: () => void): void {
    const bytes = messageBytes(message.data, message.headers);
    if (this.#pendingBytes + bytes > this.#broker.maxPendingBytes) {
      this.#options.onDropped?.(message.subject);
      return;
    }
    this.#pendingBytes += bytes;
    this.#arrived.push({ run, bytes });
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    const batch = this.#arrived;
    this.#arrived = [];
    this.#scheduled = false;
    for (const { run, bytes } of batch) {
      this.#pendingBytes -= bytes;
      run();
    }
  }
}

/** Resolves after the deliveries that are due. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
