import { answersFrom, controlSubject, inboxOf, serverOf } from '@souk/contracts';
import { abortError, SoukError } from '@souk/domain';
import { randomBytes } from 'node:crypto';
import type { Connection, Headers, Message, Subscription } from '../transport/connection.ts';
import { StreamReader } from './stream-reader.ts';
import { aliveMs, header } from './wire.ts';

/** Limits and clocks of the calling side. */
export interface CallsOptions {
  /** Most calls that wait for an answer at once; further ones are UNAVAILABLE. 4,096 unless given. */
  readonly maxCalls?: number;
  /** Bytes of items of one stream that may be on their way. 256 KiB unless given. */
  readonly window?: number;
  /** Milliseconds between the signs of life that a stream's server gets. 10,000 unless given. */
  readonly heartbeatMs?: number;
  /** Milliseconds between the signs of life that are expected of whoever serves a call; after five of them in silence it is given up. */
  readonly aliveMs?: number;
}

interface Outgoing {
  readonly timeoutMs: number;
  readonly headers: Headers;
  readonly signal?: AbortSignal;
}

interface Pending {
  readonly subject: string;
  readonly receive: (message: Message) => void;
  readonly fail: (error: SoukError) => void;
  /** How often it was looked at since the last sign of its server. */
  silence: number;
}

/** A stream reader that must be closed. */
export interface OpenStream extends Pick<StreamReader, 'next' | 'fail'> {
  /** Tells the server when it has not ended, and forgets the stream. */
  close(): void;
}

const longestSilence = 5;

/** The calls of one service that wait for answers: one inbox, one reply subject per call. */
export class Calls {
  readonly #connection: Connection;
  readonly #maxCalls: number;
  readonly #window: number;
  readonly #heartbeatMs: number;
  /** Nobody can guess it, so nobody who may not listen to the inbox can answer in it. */
  readonly #id = randomBytes(12).toString('hex');
  readonly #pending = new Map<string, Pending>();
  readonly #subscription: Subscription;
  readonly #watch: NodeJS.Timeout;
  #last = 0;

  constructor(connection: Connection, options: CallsOptions = {}) {
    this.#connection = connection;
    this.#maxCalls = options.maxCalls ?? 4_096;
    this.#window = options.window ?? 262_144;
    this.#heartbeatMs = options.heartbeatMs ?? 10_000;
    this.#subscription = connection.subscribe(`${inboxOf(connection.name)}.*.${this.#id}.*`, {}, (message) => this.#receive(message));
    this.#watch = setInterval(() => this.#findSilent(), options.aliveMs ?? aliveMs).unref();
    connection.watch({
      lost: (error) => this.#failAll(error),
      refused: (subject, error) => this.#failAll(error, (pending) => pending.subject === subject),
    });
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
      const cancel = (error: SoukError): void => {
        settle();
        this.#control(subject, reply, { [header.control]: 'cancel' });
        reject(error);
      };
      const giveUp = (): void => cancel(abortError(signal ?? AbortSignal.abort(), subject));
      const timer = setTimeout(() => cancel(timedOut(subject, timeoutMs)), timeoutMs);
      signal?.addEventListener('abort', giveUp, { once: true });
      const receive = (message: Message): void => {
        settle();
        resolve(message);
      };
      this.#pending.set(reply, { subject, receive, fail: cancel, silence: 0 });
      try {
        this.#connection.publish(subject, data, { reply, headers: { ...headers, [header.deadline]: String(timeoutMs), [header.alive]: '1' } });
      } catch (error) {
        settle();
        reject(error as Error);
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
    this.#pending.set(reply, { subject, receive: (message) => reader.push(message), fail: (error) => reader.fail(error), silence: 0 });
    try {
      this.#connection.publish(subject, data, {
        reply,
        headers: { ...headers, [header.window]: String(this.#window), [header.heartbeat]: String(this.#heartbeatMs), [header.alive]: '1' },
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

  /** How many calls wait for their answers. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Fails everything that still waits. */
  close(): void {
    clearInterval(this.#watch);
    this.#subscription.unsubscribe();
    this.#failAll(new SoukError('UNAVAILABLE', 'This service is stopping.'));
  }

  #receive(message: Message): void {
    const pending = this.#pending.get(message.subject);
    if (!pending) return;
    pending.silence = 0;
    if (message.headers[header.kind] !== 'alive') pending.receive(message);
  }

  /** Counts looks instead of time, so that a stalled event loop can first deliver the signs that have come. */
  #findSilent(): void {
    for (const pending of this.#pending.values()) {
      pending.silence += 1;
      if (pending.silence > longestSilence) pending.fail(vanished(pending.subject));
    }
  }

  #failAll(error: SoukError, which: (pending: Pending) => boolean = () => true): void {
    for (const pending of this.#pending.values()) if (which(pending)) pending.fail(error);
  }

  #newReply(subject: string): string {
    if (this.#pending.size >= this.#maxCalls) throw new SoukError('UNAVAILABLE', `Too many calls wait for answers; ${subject} was not called.`, { hint: 'Try again in a moment.' });
    this.#last += 1;
    return `${answersFrom(serverOf(subject), this.#connection.name)}.${this.#id}.${this.#last.toString(36)}`;
  }

  #control(subject: string, reply: string, headers: Headers): void {
    try {
      this.#connection.publish(controlSubject(subject), new Uint8Array(), { headers: { [header.call]: reply, ...headers } });
    } catch {
      // A connection that is gone has no server to tell.
    }
  }
}

function timedOut(subject: string, timeoutMs: number): SoukError {
  return new SoukError('TIMEOUT', `${subject} did not answer within ${timeoutMs} ms.`, { hint: 'Try again; the site may be busy.' });
}

function vanished(subject: string): SoukError {
  return new SoukError('UNAVAILABLE', `Whoever worked on ${subject} has died or hangs.`, { hint: 'Try again: another instance may answer.' });
}
