import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Site } from './site.ts';

/** An answer of a gateway on its way to whoever asked. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Sends only so many bytes of the body, then nothing more for ever. */
  readonly stopAfter?: number;
}

/** What becomes of the answers to some requests. */
export interface Rule {
  /** Matched against method and path, as in `GET /v1/blobs/`. */
  readonly request: RegExp;
  readonly change: (answer: Answer, request: string) => Answer | Promise<Answer>;
}

const passed = ['content-type', 'etag', 'cache-control', 'location'];

/** A gateway that passes everything on to a real one, and changes what its rules say. */
export class Proxy {
  readonly #site: Site;
  readonly #server: Server;
  #rules: readonly Rule[] = [];
  /** The requests so far, as `GET /v1/search`. */
  readonly requests: string[] = [];

  private constructor(site: Site) {
    this.#site = site;
    this.#server = createServer((request, response) => {
      this.#pass(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
    });
  }

  /** Opens one before a site, on any port of loopback. */
  static async before(site: Site): Promise<Proxy> {
    const proxy = new Proxy(site);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Its address. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Changes answers by these rules alone from now on; the first that matches counts. */
  lies(...rules: Rule[]): void {
    this.#rules = rules;
    this.requests.length = 0;
  }

  /** Closes it, with every connection. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${request.method} ${request.url}`;
    this.requests.push(line);
    const body = Buffer.concat(await request.toArray() as Buffer[]);
    const { accept = '*/*', 'content-type': type = 'application/json' } = request.headers;
    const answer = await fetch(new URL(request.url ?? '/', this.#site.url), { method: request.method ?? 'GET', headers: { accept, ...(body.length > 0 ? { 'content-type': type } : {}) }, ...(body.length > 0 ? { body } : {}) });
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => passed.includes(name)));
    const rule = this.#rules.find((one) => one.request.test(line));
    const honest: Answer = { status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) };
    send(response, rule ? await rule.change(honest, line) : honest);
  }
}

function send(response: ServerResponse, { status, headers, body, stopAfter }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  if (stopAfter === undefined) response.end(body);
  else response.write(body.subarray(0, stopAfter));
}

/** A rule for JSON answers: what it gives is sent instead. */
export function jsonRule(request: RegExp, change: (value: unknown) => unknown): Rule {
  return { request, change: (answer) => (answer.status === 200 ? { ...answer, body: Buffer.from(JSON.stringify(change(JSON.parse(answer.body.toString('utf8'))))) } : answer) };
}

/** A rule for bytes: what it gives is sent instead. */
export function bytesRule(request: RegExp, change: (bytes: Buffer) => Buffer): Rule {
  return { request, change: (answer) => ({ ...answer, body: change(answer.body) }) };
}
