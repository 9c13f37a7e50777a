import { SoukError } from '@souk/domain';

/** Headers of a message: ASCII names and values. */
export type Headers = Readonly<Record<string, string>>;

/** A message as a subscriber receives it. */
export interface Message {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Headers;
  /** Where an answer is expected. */
  readonly reply?: string;
  /** Set on the answer that the transport itself gives when nobody listens on the subject of a request. */
  readonly noResponders?: boolean;
}

/** What a publisher may add to a message. */
export interface PublishOptions {
  readonly headers?: Headers;
  readonly reply?: string;
}

/** A standing wish for messages. */
export interface Subscription {
  /** Ends it; messages that are on their way are not delivered any more. */
  unsubscribe(): void;
  /** Asks for no more messages; resolves when those that were on their way have been delivered. */
  drain(): Promise<void>;
}

/** Trouble of a connection that concerns what is in flight. */
export interface ConnectionWatcher {
  /** The transport is gone, for now: what was sent may not have arrived, and no answer will come. */
  readonly lost: (error: SoukError) => void;
  /** The transport does not let this service send to a subject. */
  readonly refused: (subject: string, error: SoukError) => void;
}

/**
 * What Souk needs of a message transport, with the semantics of core NATS: subjects of dot-separated tokens, `*` for one token when
 * subscribing, queue groups of which one member receives each message, at most once delivery in each publisher's order, a limit
 * per message, and an immediate "no responders" answer to a request that nobody can hear.
 */
export interface Connection {
  /** The service that this connection belongs to: the owner of its inbox. */
  readonly name: string;
  /** Most bytes of one message, headers included. */
  readonly maxMessageBytes: number;
  /** Sends a message; delivery is asynchronous. Throws TOO_LARGE without sending, UNAVAILABLE once closed and while the transport is gone. */
  publish(subject: string, data: Uint8Array, options?: PublishOptions): void;
  /** Receives messages; the callback runs once per message, in order, and must not throw. */
  subscribe(subject: string, options: { readonly queue?: string }, onMessage: (message: Message) => void): Subscription;
  /** Resolves when the transport has taken in what was published and subscribed before; at once while it is gone. */
  flush(): Promise<void>;
  /** Tells about trouble from now on. */
  watch(watcher: ConnectionWatcher): void;
  /** Ends all subscriptions; resolves when nothing is delivered any more and what was published is on its way. */
  close(): Promise<void>;
}

/** How one side of a connection is told about trouble that is nobody's answer. */
export interface ConnectionOptions {
  /** The service that connects. */
  readonly name: string;
  /** Called for each message that was dropped because this side reads too slowly. */
  readonly onDropped?: (subject: string) => void;
  /** Called whenever the connection begins or ceases to do its work; `problem` says why it does not. Never called where it always does. */
  readonly onState?: (state: { readonly problem?: string }) => void;
}

/** Bytes that a message takes on the wire, counted as NATS does: `NATS/1.0`, one line per header, and the data. */
export function messageBytes(data: Uint8Array, headers: Headers = {}): number {
  const names = Object.keys(headers);
  if (names.length === 0) return data.byteLength;
  return names.reduce((sum, name) => sum + name.length + (headers[name]?.length ?? 0) + 4, data.byteLength + 12);
}

/** UNAVAILABLE because this side has closed its connection. */
export function closedError(): SoukError {
  return new SoukError('UNAVAILABLE', 'This service is shutting down.', { hint: 'Try again in a moment.' });
}

/** The refusal of a message that is larger than the transport carries. */
export function tooLarge(subject: string, bytes: number, limit: number): SoukError {
  return new SoukError('TOO_LARGE', `A message to ${subject} is ${bytes} bytes; the limit is ${limit}.`, {
    hint: 'Ask for less at once, or send it as a blob.',
    details: { bytes, limit },
  });
}
