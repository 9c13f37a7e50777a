import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { carType, type HttpRoute } from '@souk/contracts';
import { fromErrorBody, isSoukError, SoukError } from '@souk/domain';
import type { CommandTrace } from '../trace/command-trace.ts';
import { bodyOf, openTransport, type Transport } from './exchange.ts';
import { routeUrl, type RouteValues } from './route-url.ts';
import { serverSentEvents } from './server-sent-events.ts';

/** Where a site is and how long it may take. */
export interface GatewayOptions {
  readonly site: URL;
  readonly token?: string;
  readonly signal: AbortSignal;
  /** Longest wait in milliseconds: for a whole JSON answer, and for the next byte of a download. */
  readonly deadlineMs: number;
  /** The trace that requests are part of; none unless given. */
  readonly trace?: CommandTrace;
}

type Of<R, K extends string, F> = R extends Record<K, infer S extends z.ZodType> ? Record<K, z.input<S>> : F;
/** What a route is called with: its parameters, query and body. */
export type InputOf<R> = Of<R, 'params', unknown> & (R extends { query: infer Q extends z.ZodType } ? { query?: z.input<Q> } : unknown) & Of<R, 'body', unknown>;
/** A route that answers JSON. */
export type JsonRoute = HttpRoute & { readonly answer: z.ZodType };
/** A route that answers server-sent events. */
export type EventRoute = HttpRoute & { readonly answer: { readonly events: z.ZodType } };

/** Most bytes of a JSON answer: a proof of 20,000 records fits, an endless answer does not. */
const maxAnswerBytes = 64 * 1_048_576;
const maxErrorBytes = 262_144;
const maxEventBytes = 4 * 1_048_576;

interface Plain extends RouteValues {
  readonly body?: unknown;
}

/**
 * The typed client of a site's HTTP API. Nothing that a site says is believed to have the right shape: an answer that does
 * not fit its route's schema is UNTRUSTED_ANSWER, and so is one that is too large or no JSON. Errors of the site arrive as the same SoukErrors.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #transport: Transport;

  /** Prepares a client; nothing is sent yet. */
  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#transport = openTransport(options.site.protocol);
  }

  /** The site's address. */
  get site(): URL {
    return this.#options.site;
  }

  /** Longest wait for an answer, in milliseconds. */
  get deadlineMs(): number {
    return this.#options.deadlineMs;
  }

  /** Ends the connections that were kept. */
  close(): void {
    this.#transport.close();
  }

  /** Calls a route that answers JSON. */
  async call<R extends JsonRoute>(route: R, input: InputOf<R>): Promise<z.output<R['answer']>> {
    const values = input as Plain;
    const signal = this.#within(this.#options.deadlineMs);
    const body = values.body === undefined ? {} : { body: JSON.stringify(values.body), type: 'application/json' };
    const { url, answer } = await this.#send(route, values, { signal, ...body });
    return parsed(route.answer, await json(answer, url, signal), url) as z.output<R['answer']>;
  }

  /** Downloads bytes; `size` is how many are expected, which sets the time that the whole may take (16 kB/s at least). */
  async download(route: HttpRoute, input: RouteValues, size: number): Promise<AsyncIterable<Uint8Array>> {
    const signal = this.#within(this.#options.deadlineMs * 2 + size / 16);
    const { url, answer } = await this.#send(route, input, { signal });
    return bodyOf(answer, url, signal);
  }

  /** Uploads `size` bytes, a blob or a CAR of many. */
  async upload<R extends JsonRoute>(route: R, input: RouteValues, blob: { readonly size: number; readonly bytes: AsyncIterable<Uint8Array> }): Promise<z.output<R['answer']>> {
    const signal = this.#within(this.#options.deadlineMs * 2 + blob.size / 16);
    const { url, answer } = await this.#send(route, input, { signal, body: blob.bytes, type: route.body === 'car' ? carType : 'application/octet-stream', length: blob.size });
    return parsed(route.answer, await json(answer, url, signal), url) as z.output<R['answer']>;
  }

  /** Calls a route that answers with events, as long as they keep coming. */
  async *events<R extends EventRoute>(route: R, input: InputOf<R>): AsyncGenerator<z.output<R['answer']['events']>, void, undefined> {
    const values = input as Plain;
    const { signal } = this.#options;
    const { url, answer } = await this.#send(route, values, { signal, body: JSON.stringify(values.body), type: 'application/json' });
    for await (const { event, data } of serverSentEvents(bodyOf(answer, url, signal), maxEventBytes)) {
      const value = parseJson(data, url);
      if (event === 'error') throw fromErrorBody(value, 'UNAVAILABLE');
      yield parsed(route.answer.events, value, url) as z.output<R['answer']['events']>;
    }
  }

  #within(ms: number): AbortSignal {
    return AbortSignal.any([this.#options.signal, AbortSignal.timeout(Math.ceil(ms))]);
  }

  async #send(route: HttpRoute, values: RouteValues, what: { signal: AbortSignal; body?: string | AsyncIterable<Uint8Array>; type?: string; length?: number }): Promise<{ url: URL; answer: IncomingMessage }> {
    const { site, token, deadlineMs, trace } = this.#options;
    const url = routeUrl(site, route, values);
    const headers: Record<string, string> = { accept: typeof route.answer === 'object' && 'events' in route.answer ? 'text/event-stream' : route.answer === 'bytes' ? '*/*' : 'application/json' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (what.type !== undefined) headers['content-type'] = what.type;
    if (what.length !== undefined) headers['content-length'] = String(what.length);
    const span = trace?.request(route.method, route.path);
    const answer = await this.#transport.send(url, { method: route.method, headers: { ...headers, ...span?.headers }, body: what.body, signal: what.signal, idleMs: deadlineMs }).catch((error: unknown) => {
      span?.end({ code: isSoukError(error) ? error.code : 'INTERNAL' });
      throw error;
    });
    const status = answer.statusCode ?? 0;
    answer.once('close', () => span?.end({ status }));
    if (status < 200 || status > 299) throw await refusal(answer, url, what.signal);
    if ((answer.headers['content-encoding'] ?? 'identity') !== 'identity') throw untrusted(url, 'is compressed, which was not asked for');
    return { url, answer };
  }
}

function untrusted(url: URL, why: string, details?: Record<string, unknown>): SoukError {
  return new SoukError('UNTRUSTED_ANSWER', `The answer of ${url.origin} ${why}.`, { hint: 'Is that address a Souk site, and of this version?', details: { path: url.pathname, ...details } });
}

async function text(answer: IncomingMessage, url: URL, signal: AbortSignal, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(answer, url, signal)) {
    size += chunk.length;
    if (size > maxBytes) throw untrusted(url, `has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(source: string, url: URL): unknown {
  try {
    return JSON.parse(source);
  } catch {
    throw untrusted(url, 'is not JSON');
  }
}

async function json(answer: IncomingMessage, url: URL, signal: AbortSignal): Promise<unknown> {
  return parseJson(await text(answer, url, signal, maxAnswerBytes), url);
}

function parsed(schema: z.ZodType, value: unknown, url: URL): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw untrusted(url, 'does not have the promised form', { problem: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim() });
}

/** The error that an answer outside 200-299 stands for. */
async function refusal(answer: IncomingMessage, url: URL, signal: AbortSignal): Promise<SoukError> {
  const status = answer.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    answer.destroy();
    return untrusted(url, `redirects to ${answer.headers.location ?? 'nowhere'}`);
  }
  const body = await text(answer, url, signal, maxErrorBytes);
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return new SoukError(status >= 500 ? 'UNAVAILABLE' : 'UNTRUSTED_ANSWER', `The site at ${url.origin} answered ${status} without saying why.`, { hint: 'Is that address a Souk site? A proxy in between may have answered.' });
  }
  const error = fromErrorBody(value, status >= 500 ? 'UNAVAILABLE' : 'UNTRUSTED_ANSWER');
  if (error.code !== 'UNAUTHORIZED') return error;
  return new SoukError('UNAUTHORIZED', error.message, { hint: 'Log in with a token of the site: souk login. Or give it by --token or SOUK_TOKEN.', traceId: error.traceId });
}
