import { routes, type HttpRoute } from '@souk/contracts';

/** The name of a route, which is its operation in the API document. */
export type RouteName = keyof typeof routes;

/** What a route is called with. */
export interface CallValues {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** A JSON value, or the bytes of an upload. */
  readonly body?: unknown;
}

/** One call of the API and its answer. */
export interface Exchange extends CallValues {
  readonly name: RouteName;
  readonly status: number;
  /** Media type of the answer. */
  readonly type: string;
  /** The JSON value, the data of each server-sent event, or how many bytes there were. */
  readonly answer: unknown;
}

/** Calls routes of one site and keeps every exchange. */
export class ApiCaller {
  readonly exchanges: Exchange[] = [];
  /** The token that calls are made with, if any. */
  token: string | undefined;
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Calls a route and answers what came back. */
  async call<T>(name: RouteName, values: CallValues = {}): Promise<T> {
    const route: HttpRoute = routes[name];
    const response = await fetch(this.#address(route, values), { method: route.method, ...this.#body(route, values) });
    const type = (response.headers.get('content-type') ?? '').split(';')[0] as string;
    const answer = type === 'text/event-stream' ? await eventsOf(response, name === 'getChanges') : type.endsWith('json') ? await response.json() : (await response.bytes()).length;
    this.exchanges.push({ name, ...values, status: response.status, type, answer });
    return answer as T;
  }

  #address({ path }: HttpRoute, { params = {}, query = {} }: CallValues): string {
    return `${this.#url}${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))}?${new URLSearchParams(query)}`;
  }

  #body(route: HttpRoute, { body }: CallValues): { headers: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> } {
    const headers: Record<string, string> = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    if (body === undefined) return { headers };
    if (body instanceof Uint8Array) return { headers: { ...headers, 'content-type': route.body === 'car' ? 'application/vnd.ipld.car' : 'application/octet-stream' }, body: body as Uint8Array<ArrayBuffer> };
    return { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
  }
}

/** The data of each event; of a stream without an end those that came first. */
async function eventsOf(response: Response, isEndless: boolean): Promise<unknown[]> {
  let text = '';
  for await (const piece of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (isEndless && text.includes('event: cursor')) break;
  }
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as unknown);
}
