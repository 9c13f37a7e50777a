import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Controller, Module, type DynamicModule } from '@nestjs/common';
import { appendRecords, installPackages, nearestNames, readSelf, readVersion, routes, searchPackages } from '@souk/contracts';
import type { AppendOutput, HttpRoute, InstallEvent, NetworkStatus, SearchAnswer, SearchQuery, VersionDoc } from '@souk/contracts';
import { blobCid, sha256Of, SoukError } from '@souk/domain';
import { bootstrap, Handles, InProcessBroker, loadConfig, silentLog, Streams, type CallContext, type RunningService } from '@souk/nest';
import { gatewayConfig, gatewayHttp, GatewayModule } from './gateway.module.ts';

/** What the stand-ins of a gateway's neighbours were asked, and how they answer. */
const asked: { appends: number; queries: SearchQuery[]; cancelled: (() => void) | undefined; blobUrl: string } = { appends: 0, queries: [], cancelled: undefined, blobUrl: '' };

/** Stands in for peer, search and install: each answers one thing of each kind. */
@Controller()
class Neighbours {
  @Handles(appendRecords)
  append(): AppendOutput {
    asked.appends += 1;
    return { added: asked.appends === 1 ? 1 : 0, heads: [] };
  }

  @Handles(searchPackages)
  query(input: SearchQuery): SearchAnswer {
    asked.queries.push(input);
    return { total: 0, items: [], facets: { kind: [], keyword: [], license: [] }, tookMs: 0 };
  }

  @Handles(readVersion)
  version(input: { name: string }): VersionDoc {
    throw new SoukError('PACKAGE_NOT_FOUND', `Nobody has published ${input.name}.`);
  }

  @Handles(nearestNames)
  near(): { names: string[] } {
    return { names: ['chalk'] };
  }

  @Handles(readSelf)
  self(): { peerId: string; blobs: { url: string }; status: NetworkStatus } {
    const status: NetworkStatus = { peerId: 'p', role: 'full', network: 'n', multiaddrs: [], links: 0, logs: 0, records: 0, arrival: 0, headRoot: '', blobs: 0 };
    return { peerId: 'p', blobs: { url: asked.blobUrl }, status };
  }

  @Streams(installPackages)
  async *install(input: { dependencies: Record<string, string> }, { signal }: CallContext): AsyncGenerator<InstallEvent> {
    if ('missing' in input.dependencies) throw new SoukError('PACKAGE_NOT_FOUND', 'Nobody has published missing.');
    yield { type: 'plan', packages: [] };
    if ('breaks' in input.dependencies) throw new SoukError('NO_PROVIDER', 'Nobody has it.');
    if ('hangs' in input.dependencies) await new Promise<void>((resolve) => signal.addEventListener('abort', () => { asked.cancelled?.(); resolve(); }));
    yield { type: 'done', packages: 0, bytes: 0, tookMs: 1 };
  }
}

/** The stand-ins as one service. */
@Module({})
class NeighboursModule {
  static with(): DynamicModule {
    return { module: NeighboursModule, controllers: [Neighbours] };
  }
}

/** Stands in for the peer's blob door: PUT is taken when the secret is right, GET answers four bytes of `range`. */
async function blobDoor(secret: string): Promise<Server> {
  const server = createServer((request, response) => {
    const refuse = (code: number, body: unknown): void => void response.writeHead(code).end(JSON.stringify(body));
    if (request.headers.authorization !== `Bearer ${secret}`) return refuse(401, { code: 'UNAUTHORIZED', message: 'no' });
    if (request.method === 'GET') return void response.writeHead(request.headers.range ? 206 : 200, { 'content-length': 4, etag: '"x"' }).end('blob');
    let size = 0;
    request.on('data', (chunk: Buffer) => (size += chunk.length)).on('end', () => response.writeHead(201).end(JSON.stringify({ size })));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  asked.blobUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return server;
}

const secret = 'a secret of the site';
const token = 'a-token-of-sixteen+';
const cid = blobCid(sha256Of(Uint8Array.of(1)));
let running: RunningService[] = [];
let door: Server;
let url: string;

beforeAll(async () => {
  door = await blobDoor(secret);
  const shared = { transport: { type: 'in-process' as const, broker: new InProcessBroker() }, log: silentLog };
  const config = loadConfig(gatewayConfig, { SOUK_PORT: '0', SOUK_TOKEN: token, SOUK_SITE_SECRET: secret, SOUK_MAX_BLOB: '1024' });
  const neighbours = await bootstrap(NeighboursModule.with(), { ...shared, name: 'neighbours' });
  const gateway = await bootstrap(GatewayModule.with(config), { ...shared, name: 'gateway', http: gatewayHttp(config) });
  running = [gateway, neighbours];
  url = gateway.url;
});

afterAll(async () => {
  for (const one of running) await one.close();
  await new Promise((resolve) => door.close(resolve));
});

const call = (path: string, init: RequestInit = {}): Promise<Response> => fetch(url + path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
const post = (path: string, body: unknown, init: RequestInit = {}): Promise<Response> => call(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' }, ...init });
const codeOf = async (response: Response): Promise<[number, unknown]> => [response.status, ((await response.json()) as { code: string }).code];

test('without the token nothing is answered but probes and the API document', async () => {
  for (const path of ['/v1/search?q=x', '/v1/search/', '//v1/search', '/V1/search', '/v1/%73earch', '/metrics']) {
    const response = await fetch(url + path);
    expect([path, [401, 404].includes(response.status) ? 'refused' : response.status]).toEqual([path, 'refused']);
  }
  expect(await codeOf(await fetch(`${url}/v1/search`, { headers: { authorization: 'Bearer wrong' } }))).toEqual([401, 'UNAUTHORIZED']);
  for (const path of ['/healthz', '/openapi.json']) expect((await fetch(url + path)).status).toBe(200);
});

test('beyond loopback a token is needed', () => {
  const config = loadConfig(gatewayConfig, { SOUK_HOST: '0.0.0.0', SOUK_SITE_SECRET: secret });
  expect(() => GatewayModule.with(config)).toThrow(/let anyone in/);
  expect(() => GatewayModule.with({ ...config, httpHost: '::1' })).not.toThrow();
});

test('a query is validated, coerced and given its defaults before anyone is asked', async () => {
  expect((await call('/v1/search?q=chalk&limit=5')).status).toBe(200);
  expect(asked.queries.at(-1)).toMatchObject({ q: 'chalk', limit: 5, offset: 0, sort: 'relevance' });
  expect(await codeOf(await call('/v1/search?limit=1000'))).toEqual([400, 'BAD_REQUEST']);
  expect(await codeOf(await call('/v1/search?kind=toaster'))).toEqual([400, 'BAD_REQUEST']);
});

test('a name that nobody published comes back with names that may have been meant', async () => {
  const response = await call('/v1/packages/chulk/latest');
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: 'PACKAGE_NOT_FOUND', hint: 'Did you mean chalk?', details: { near: ['chalk'] } });
});

test('a scoped name is one segment', async () => {
  expect(await (await call('/v1/packages/@team%2Fkit/1.0.0')).json()).toMatchObject({ message: 'Nobody has published @team/kit.' });
});

test('records: 201 when something was new, 200 when all was held already', async () => {
  const records = [{ header: 'AA', signature: 'A'.repeat(86) }];
  expect((await post('/v1/records', { records })).status).toBe(201);
  expect((await post('/v1/records', { records })).status).toBe(200);
  expect(await codeOf(await post('/v1/records', { records: [] }))).toEqual([400, 'BAD_REQUEST']);
});

test.each([
  ['not JSON', '{', 'application/json', 400, 'BAD_JSON'],
  ['a prototype key', '{"__proto__":{}}', 'application/json', 400, 'BAD_JSON'],
  ['another type', 'x=1', 'application/x-www-form-urlencoded', 415, 'UNSUPPORTED_MEDIA'],
  ['too much', JSON.stringify({ records: 'x'.repeat(1_100_000) }), 'application/json', 413, 'TOO_LARGE'],
])('a body that is %s is refused', async (_what, body, type, status, code) => {
  const response = await call('/v1/records', { method: 'POST', body, headers: { 'content-type': type } });
  const [gotStatus, gotCode] = await codeOf(response);
  expect(gotStatus).toBe(status);
  expect([code, 'BAD_REQUEST']).toContain(gotCode);
});

test('unknown paths and methods are told apart', async () => {
  expect(await codeOf(await call('/v1/nothing'))).toEqual([404, 'NOT_FOUND']);
  expect(await codeOf(await call('/v1/search', { method: 'DELETE' }))).toEqual([405, 'METHOD_NOT_ALLOWED']);
});

test('a blob streams through to the peer and back; what is announced as too large is not read', async () => {
  const put = (body: string, type = 'application/octet-stream'): Promise<Response> => call(`/v1/blobs/${cid}`, { method: 'PUT', body, headers: { 'content-type': type } });
  const stored = await put('x'.repeat(1000));
  expect([stored.status, await stored.json()]).toEqual([201, { cid, size: 1000 }]);
  const refused = await put('x'.repeat(2000));
  expect(refused.status).toBe(413);
  expect(await refused.json()).toMatchObject({ code: 'TOO_LARGE', details: { limit: 1024 } });
  expect((await put('{}', 'application/json')).status).toBe(415);
  const part = await call(`/v1/blobs/${cid}`, { headers: { range: 'bytes=0-3' } });
  expect([part.status, await part.text(), part.headers.get('etag')]).toEqual([206, 'blob', '"x"']);
  expect(await codeOf(await call('/v1/blobs/bafynope'))).toEqual([400, 'BAD_REQUEST']);
});

test('an install streams its events; a plan that fails is an error, a failure in the middle is the last event', async () => {
  const told = await (await post('/v1/installs', { dependencies: { kit: '*' } })).text();
  expect(told.match(/^event: \w+/gm)).toEqual(['event: plan', 'event: done']);
  expect(await codeOf(await post('/v1/installs', { dependencies: { missing: '*' } }))).toEqual([404, 'PACKAGE_NOT_FOUND']);
  const broken = await (await post('/v1/installs', { dependencies: { breaks: '*' } })).text();
  expect(broken).toMatch(/event: error\ndata: \{"code":"NO_PROVIDER"/);
});

test('a client that goes away cancels its install', async () => {
  const cancelled = new Promise<void>((resolve) => (asked.cancelled = resolve));
  const leave = new AbortController();
  const response = await post('/v1/installs', { dependencies: { hangs: '*' } }, { signal: leave.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  leave.abort();
  await cancelled;
});

test('the API document has every route of the contracts, with schemas, query parameters and an example', async () => {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, Record<string, { parameters?: object[]; responses: object }>>; components: { schemas: object } };
  for (const route of Object.values(routes) as HttpRoute[]) {
    expect([route.path, Object.keys(document.paths[route.path]?.[route.method.toLowerCase()]?.responses ?? {})]).toEqual([route.path, ['200', ...(route.creates ? ['201'] : []), 'default']]);
  }
  expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(['Package', 'Version', 'SearchAnswer', 'Error']));
  expect(document.paths['/v1/search']?.['get']?.parameters).toContainEqual(expect.objectContaining({ in: 'query', name: 'q', example: 'kit' }));
});
