import type { Agent, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { abortError, isSoukError, SoukError } from '@souk/domain';

/** One HTTP request. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
  /** Longest silence of the connection in milliseconds. */
  readonly idleMs: number;
}

/** A way to talk HTTP: connections are kept for the next request of the same command. */
export interface Transport {
  send(url: URL, request: HttpRequest): Promise<IncomingMessage>;
  close(): void;
}

/** Opens the transport for `http:` or `https:`; redirects and compression are not followed or asked for. */
export function openTransport(protocol: string): Transport {
  // An `import` of these modules reads all their exports, which loads everything about fetch and WebSocket: 20 ms for nothing.
  const { Agent: AgentOf, request } = protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
  const agent: Agent = new AgentOf({ keepAlive: true, maxSockets: 8 });
  const once = (url: URL, one: HttpRequest): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const outgoing = request(url, { method: one.method, headers: one.headers, signal: one.signal, agent }, resolve);
      const fail = (error: unknown): void => reject(new ExchangeFailure(error, outgoing.reusedSocket));
      outgoing.setTimeout(one.idleMs, () => outgoing.destroy(silence(url)));
      outgoing.once('error', fail);
      // An answer may come before the whole body is sent; what goes wrong afterwards shows while it is read.
      outgoing.once('response', () => outgoing.off('error', fail).on('error', () => {}));
      if (one.body === undefined || typeof one.body === 'string') outgoing.end(one.body);
      else pipeline(Readable.from(one.body), outgoing).catch(fail);
    });
  return { send: (url, one) => sendTwice(url, one, once), close: () => agent.destroy() };
}

/** Sends again when a kept connection turns out to be closed by the other side, which is no failure of the request. */
async function sendTwice(url: URL, request: HttpRequest, once: (url: URL, request: HttpRequest) => Promise<IncomingMessage>): Promise<IncomingMessage> {
  try {
    return await once(url, request);
  } catch (error) {
    const failure = error as ExchangeFailure;
    if (!failure.stale || (request.body !== undefined && typeof request.body !== 'string')) throw connectionError(failure.cause, url, request.signal);
  }
  try {
    return await once(url, request);
  } catch (error) {
    throw connectionError((error as ExchangeFailure).cause, url, request.signal);
  }
}

class ExchangeFailure extends Error {
  readonly stale: boolean;
  constructor(cause: unknown, reusedSocket: boolean) {
    super('the exchange failed', { cause });
    this.stale = reusedSocket && codeOf(cause) === 'ECONNRESET';
  }
}

function silence(url: URL): SoukError {
  return new SoukError('TIMEOUT', `The site at ${url.origin} stopped answering.`, { hint: 'Try again; the site or the network may be busy.' });
}

function codeOf(error: unknown): string | undefined {
  // Not by `instanceof`: errors of Node's own modules belong to another realm where code runs in a vm context.
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What a failed connection means: CANCELLED or TIMEOUT when the signal was aborted, errors of our own as they are, else UNAVAILABLE. */
export function connectionError(error: unknown, url: URL, signal: AbortSignal): SoukError {
  if (isSoukError(error)) return error;
  if (signal.aborted) return abortError(signal, `The request to ${url.origin}`);
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return new SoukError('UNAVAILABLE', `No site answers at ${url.origin}.`, { hint: 'Start one with: souk up. Or name another one by --site URL or SOUK_SITE.', cause: error });
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new SoukError('UNAVAILABLE', `The host ${url.hostname} is not known.`, { hint: 'Check --site, SOUK_SITE or souk config get site.', cause: error });
  const reason = (typeof error === 'object' && error !== null && 'message' in error && String(error.message)) || 'unknown';
  return new SoukError('UNAVAILABLE', `The connection to the site at ${url.origin} broke (${reason}).`, { hint: 'Try again; what was sent twice is kept once.', cause: error });
}

/** Reads an answer's body, mapping failures as `connectionError` does. */
export async function* bodyOf(answer: IncomingMessage, url: URL, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of answer) yield chunk as Uint8Array;
  } catch (error) {
    throw connectionError(error, url, signal);
  } finally {
    answer.destroy();
  }
}
