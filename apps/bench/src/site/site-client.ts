import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { InstallEvent, ProvenResolution, routes, SearchAnswer, type HttpRoute, type NetworkStatus } from '@souk/contracts';
import { fromErrorBody, type Cid, type WireRecord } from '@souk/domain';

interface Values {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: Uint8Array<ArrayBuffer> | object;
}

/** The few routes of a site's HTTP API that benchmarks call. Throws the SoukError that a site answers. */
export class SiteClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Uploads a blob. */
  async putBlob(cid: Cid, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await (await this.#send(routes.putBlob, { params: { cid }, body: bytes })).arrayBuffer();
  }

  /** Appends records; returns how many were new. */
  async postRecords(records: readonly WireRecord[]): Promise<number> {
    const answer = (await (await this.#send(routes.postRecords, { body: { records } })).json()) as { added: number };
    return answer.added;
  }

  /** The JSON of a search's answer, read but not checked. */
  async search(query: Readonly<Record<string, unknown>>): Promise<unknown> {
    return (await this.#send(routes.search, { query })).json();
  }

  /** A search's answer, checked. */
  async checkedSearch(query: Readonly<Record<string, unknown>>): Promise<SearchAnswer> {
    return SearchAnswer.parse(await this.search(query));
  }

  /** What the site's peer says of itself. */
  async self(): Promise<NetworkStatus> {
    return (await (await this.#send(routes.getNetwork, {})).json()) as NetworkStatus;
  }

  /** Answers as soon as the edge can: the cost of HTTP alone. */
  async alive(): Promise<void> {
    const response = await fetch(`${this.#url}/healthz`);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`/healthz answered ${response.status}`);
  }

  /** Numbers of the site's process, by the names of metrics without labels; undefined where there is none of that name. */
  async metrics(...names: readonly string[]): Promise<(number | undefined)[]> {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    const lines = new Map(text.split('\n').map((line) => line.split(' ') as [string, string]));
    return names.map((name) => (lines.has(name) ? Number(lines.get(name)) : undefined));
  }

  /** Resolves requirements. */
  async resolve(dependencies: Readonly<Record<string, string>>): Promise<ProvenResolution> {
    return ProvenResolution.parse(await (await this.#send(routes.postResolution, { body: { dependencies } })).json());
  }

  /** Has the site hold exact versions; tells of each blob when it does. Throws what the site's error event says. */
  async install(exact: Readonly<Record<string, string>>, onHeld: (cid: Cid) => void): Promise<void> {
    const response = await this.#send(routes.postInstall, { body: { dependencies: exact, locked: exact } });
    let rest = '';
    let isDone = false;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      const frames = (rest + Buffer.from(chunk).toString('utf8')).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) {
        const event = eventOf(frame);
        if (event.type === 'progress' && event.done) onHeld(event.cid);
        if (event.type === 'done') isDone = true;
      }
    }
    if (!isDone) throw new Error('the install ended without saying that it is done');
  }

  /** The bytes of a blob that the site holds. */
  async getBlob(cid: Cid): Promise<AsyncIterable<Uint8Array>> {
    const { body } = await this.#send(routes.getBlob, { params: { cid } });
    if (body === null) throw new Error(`the site answered ${cid} without bytes`);
    // Read from here on: fetch cancels a body that nobody reads yet when its Response is garbage, and it ends without an error.
    return Readable.fromWeb(body as ReadableStream<Uint8Array>);
  }

  async #send(route: HttpRoute, { params = {}, query = {}, body }: Values): Promise<Response> {
    const url = new URL(this.#url + route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? '')));
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const isBytes = body instanceof Uint8Array;
    const sent = body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body), headers: { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' } };
    const response = await fetch(url, { method: route.method, ...sent });
    if (response.ok) return response;
    throw fromErrorBody(await response.json().catch(() => undefined), 'UNAVAILABLE');
  }
}

function eventOf(frame: string): InstallEvent {
  const value: unknown = JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? 'null');
  if (frame.startsWith('event: error')) throw fromErrorBody(value, 'UNAVAILABLE');
  return InstallEvent.parse(value);
}
