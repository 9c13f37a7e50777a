import { abortError, SoukError } from '@souk/domain';
import { randomBytes } from 'node:crypto';
import type { Connection, Headers, Message, Subscription } from '../transport/connection.ts';
import { StreamReader } from './stream-reader.ts';
import { controlSubject } from './subject.ts';
import { header } from './wire.ts';

/** Limits and clocks of the calling side. */
export interface CallsOptions {
  /** Most calls that wait for an answer at once; further ones are UNAVAILABLE. 4,096 unless given. */
  readonly maxCalls?: number;
  /** Bytes of items of one stream that may be on their way. 256 KiB unless given. */
  readonly window?: number;
  /** Milliseconds between the signs of life that a stream's server gets. 10,000 unless given. */
  readonly heartbeatMs?: number;
}

interface Outgoing {
  readonly timeoutMs: number;
  readonly headers: Headers;
  readonly signal?: AbortSignal;
}

interface Pending {
  readonly receive: (message: Message) => void;
  readonly fail: (error: SoukError) => void;
}

/** A stream reader that must be closed. */
export interface OpenStream extends Pick<StreamReader, 'next' | 'fail'> {
  /** Tells the server when it has not ended, and forgets the stream. */
  close(): void;
}

/** The calls of one service that wait for answers: one inbox, one reply subject per call. */
export class Calls {
  readonly #connection: Connection;
  readonly #maxCalls: number;
  readonly #window: number;
  readonly #heartbeatMs: number;
  readonly #inbox = `_INBOX.${randomBytes(12).toString('hex')}`;
  readonly #pending = new Map<string, Pending>();
  readonly #subscription: Subscription;
  #last = 0;

  constructor(connection: Connection, options: CallsOptions = {}) {
    this.#connection = connection;
    this.#maxCalls = options.maxCalls ?? 4_096;
    this.#window = options.window ?? 262_144;
    this.#heartbeatMs = options.heartbeatMs ?? 10_000;
    this.#subscription = connection.subscribe(`${this.#inbox}.*`, {}, (message) => this.#pending.get(message.subject)?.receive(message));
  }

  /** Sends a message that nobody answers. */
  publish(subject: string, data: Uint8Array, headers: Headers): void {
    this.#connection.publish(subject, data, { headers });
  }

  /** Sends a request; resolves with the first answer. */
  request(subject: string, data: Uint8Array, { timeoutMs, headers, signal }: Outgoing): Promise<Message> {
    return new Promise((resolve, reject) => {
      const reply = this.#newReply(subject);
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        this.#pending.delete(reply);
      };
      const fail = (error: unknown): void => {
        settle();
        reject(error);
      };
      const cancel = (error: SoukError): void => {
        this.#control(subject, reply, { [header.control]: 'cancel' });
        fail(error);
      };
      const giveUp = (): void => cancel(abortError(signal ?? AbortSignal.abort(), subject));
      const timer = setTimeout(() => cancel(timedOut(subject, timeoutMs)), timeoutMs);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#pending.set(reply, {
        fail,
        receive: (message) => {
          settle();
          resolve(message);
        },
      });
      try {
        this.#connection.publish(subject, data, { reply, headers: { ...headers, [header.deadline]: String(timeoutMs) } });
      } catch (error) {
        fail(error);
      }
    });
  }

  /** Asks for a stream. */
  open(subject: string, data: Uint8Array, { timeoutMs, headers }: Outgoing): OpenStream {
    const reply = this.#newReply(subject);
    const grant = (bytes: number): void => this.#control(subject, reply, { [header.control]: 'grant', [header.amount]: String(bytes) });
    const reader = new StreamReader({ subject, window: this.#window, maxMessageBytes: this.#connection.maxMessageBytes, timeoutMs, grant });
    const heartbeat = setInterval(() => grant(0), this.#heartbeatMs).unref();
    const forget = (): void => {
      clearInterval(heartbeat);
      this.#pending.delete(reply);
    };
    this.#pending.set(reply, { receive: (message) => reader.push(message), fail: (error) => reader.fail(error) });
    try {
      this.#connection.publish(subject, data, {
        reply,
        headers: { ...headers, [header.window]: String(this.#window), [header.heartbeat]: String(this.#heartbeatMs) },
      });
    } catch (error) {
      forget();
      throw error;
    }
    return {
      next: () => reader.next(),
      fail: (error) => reader.fail(error),
      close: () => {
        forget();
        if (!reader.ended) this.#control(subject, reply, { [header.control]: 'cancel' });
      },
    };
  }

  /** Fails everything that still waits. */
  close(): void {
    this.#subscription.unsubscribe();
    for (const { fail } of this.#pending.values()) fail(new SoukError('UNAVAILABLE', 'This service is stopping.'));
  }

  #newReply(subject: string): string {
    if (this.#pending.size >= this.#maxCalls) throw new SoukError('UNAVAILABLE', `Too many calls wait for answers; ${subject} was not called.`, { hint: 'Try again in a moment.' });
    this.#last += 1;
    return `${this.#inbox}.${this.#last.toString(36)}`;
  }

  #control(subject: string, reply: string, headers: Headers): void {
    try {
      this.#connection.publish(controlSubject(subject), new Uint8Array(), { headers: { [header.call]: reply, ...headers } });
    } catch {
      // A closed connection has no server to tell.
    }
  }
}

function timedOut(subject: string, timeoutMs: number): SoukError {
  return new SoukError('TIMEOUT', `${subject} did not answer within ${timeoutMs} ms.`, { hint: 'Try again; the site may be busy.' });
}
