import { Injectable } from '@nestjs/common';
import { formatTraceparent, subjectFor, type EventContract, type RequestContract, type StreamContract } from '@souk/contracts';
import { abortError, fromErrorBody, isSoukError, SoukError, throwIfAborted } from '@souk/domain';
import type { z } from 'zod';
import { badRequest, problemsOf } from '../errors/problems.ts';
import type { Log } from '../log/log.ts';
import { callSpan, eventSpan } from '../trace/rpc-spans.ts';
import { noSpans, type Span, type SpanFacts, type Spans } from '../trace/spans.ts';
import { currentTrace } from '../trace/trace.ts';
import type { Headers, Message } from '../transport/connection.ts';
import type { Calls } from './calls.ts';
import type { NoteCall } from './rpc-metrics.ts';
import { noListener } from './no-listener.ts';
import { decode, encode, header } from './wire.ts';

/** How one call differs from what its contract says. */
export interface CallOptions {
  /** Gives the call up: the caller gets CANCELLED (or TIMEOUT), the handler's signal aborts. */
  readonly signal?: AbortSignal;
  /** Longest wait for the answer, or for each item of a stream; the contract's unless given. */
  readonly timeoutMs?: number;
  /** Which peer is meant, for contracts that address one; the primary, 0, unless given. */
  readonly ordinal?: number;
}

/**
 * Calls other services of the site. Every error is a SoukError: what the handler threw, BAD_REQUEST when the input breaks the contract,
 * TOO_LARGE before anything is sent, TIMEOUT, CANCELLED, FORBIDDEN when the transport does not let this service call that one, and
 * UNAVAILABLE when nobody listens, whoever worked on it died, the transport is gone or the answer breaks the contract.
 */
@Injectable()
export class Rpc {
  readonly #calls: Calls;
  readonly #log: Log;
  readonly #noteCall: NoteCall;
  readonly #spans: Spans;

  constructor(calls: Calls, log: Log, noteCall: NoteCall, spans: Spans = noSpans) {
    this.#calls = calls;
    this.#log = log;
    this.#noteCall = noteCall;
    this.#spans = spans;
  }

  /** Asks and waits for the one answer. */
  async call<I extends z.ZodType, O extends z.ZodType>(contract: RequestContract<I, O>, input: z.input<I>, options: CallOptions = {}): Promise<z.output<O>> {
    throwIfAborted(options.signal, contract.subject);
    const data = encodeInput(contract.subject, contract.input, input);
    const timeoutMs = options.timeoutMs ?? contract.timeoutMs;
    return this.#noted(contract.subject, async (headers) => {
      const subject = subjectFor(contract.subject, options.ordinal);
      const answer = await this.#calls.request(subject, data, { timeoutMs, signal: options.signal, headers });
      return this.#valueOf(answer, subject, contract.output);
    });
  }

  /**
   * Asks for a stream and yields its items; nothing is sent before the first one is asked for. Leaving the loop, or aborting the signal,
   * tells the server; reading slowly slows it down. A silence longer than the timeout is TIMEOUT.
   */
  async *stream<I extends z.ZodType, O extends z.ZodType>(
    contract: StreamContract<I, O>,
    input: z.input<I>,
    options: CallOptions = {},
  ): AsyncGenerator<z.output<O>, void, undefined> {
    throwIfAborted(options.signal, contract.subject);
    const data = encodeInput(contract.subject, contract.input, input);
    const subject = subjectFor(contract.subject, options.ordinal);
    const startedAt = performance.now();
    let code = 'OK';
    const span = this.#begin(callSpan('client', contract.subject));
    const reader = this.#calls.open(subject, data, { timeoutMs: options.timeoutMs ?? contract.timeoutMs, headers: headersOf(span) });
    const giveUp = (): void => reader.fail(abortError(options.signal ?? AbortSignal.abort(), subject));
    options.signal?.addEventListener('abort', giveUp, { once: true });
    try {
      for (let message = await reader.next(); message.headers[header.kind] !== 'end'; message = await reader.next()) {
        yield this.#valueOf(message, subject, contract.item);
      }
    } catch (error) {
      code = isSoukError(error) ? error.code : 'INTERNAL';
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', giveUp);
      reader.close();
      span.end(code === 'OK' ? undefined : code);
      this.#noteCall(contract.subject, code, startedAt);
    }
  }

  /** Tells whoever listens, at most once; resolves when the transport has taken it, in the order of the calls. */
  async emit<P extends z.ZodType>(contract: EventContract<P>, payload: z.input<P>, options: Pick<CallOptions, 'ordinal'> = {}): Promise<void> {
    const data = encodeInput(contract.subject, contract.payload, payload);
    const span = this.#begin(eventSpan('producer', contract.subject));
    try {
      this.#calls.publish(subjectFor(contract.subject, options.ordinal), data, headersOf(span));
    } finally {
      span.end();
    }
  }

  /** What this service does by itself, because time has passed or others have news, is nobody's request and not recorded. */
  #begin(facts: SpanFacts): Span {
    return (currentTrace() ? this.#spans : noSpans).begin(facts);
  }

  async #noted<T>(contract: string, run: (headers: Headers) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const span = this.#begin(callSpan('client', contract));
    let code = 'OK';
    try {
      return await run(headersOf(span));
    } catch (error) {
      code = isSoukError(error) ? error.code : 'INTERNAL';
      throw error;
    } finally {
      span.end(code === 'OK' ? undefined : code);
      this.#noteCall(contract, code, startedAt);
    }
  }

  #valueOf<O extends z.ZodType>(message: Message, subject: string, schema: O): z.output<O> {
    if (message.noResponders) throw noListener(subject);
    if (message.headers[header.kind] === 'error') throw fromErrorBody(decodeAnswer(message, subject), 'UNAVAILABLE');
    const parsed = schema.safeParse(decodeAnswer(message, subject));
    if (parsed.success) return parsed.data;
    const problems = problemsOf(parsed.error.issues);
    this.#log.warn('A service answered with something else than its contract says', { subject, problems });
    throw new SoukError('UNAVAILABLE', `${subject} answered with something else than agreed.`, {
      hint: 'Do all services of this site run the same version?',
      details: { problems },
      cause: parsed.error,
    });
  }
}

function decodeAnswer(message: Message, subject: string): unknown {
  try {
    return decode(message.data);
  } catch (cause) {
    throw new SoukError('UNAVAILABLE', `${subject} answered with something that is not JSON.`, { cause });
  }
}

function encodeInput(subject: string, schema: z.ZodType, input: unknown): Uint8Array {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw badRequest(`What was sent to ${subject}`, parsed.error.issues);
  return encode(parsed.data);
}

function headersOf(span: Span): Headers {
  return { [header.traceparent]: formatTraceparent(span.trace) };
}
