import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseTraceparent } from '@souk/contracts';
import { Workbench } from '../../fixtures/workbench.ts';

interface Posted {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly { readonly name: string; readonly traceId: string; readonly spanId: string; readonly parentSpanId?: string; readonly status?: { readonly code?: number } }[] }[] }[];
}

let bench: Workbench;
const onEnd: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(async () => {
  for (const end of onEnd.splice(0)) await end();
  await bench.close();
});

/** A collector, and what was posted to it. */
async function collector(): Promise<{ readonly url: string; readonly posted: Posted[]; close(): Promise<void> }> {
  const posted: Posted[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      posted.push(body as Posted);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, posted, close };
}

test('a command that records nothing names its requests by one id, and leaves it to the site whether they are', async () => {
  expect((await bench.souk(['search', '--json'])).code).toBe(0);
  const [headers] = bench.site.headers;
  expect(headers?.['x-trace-id']).toMatch(/^[0-9a-f]{32}$/);
  expect(headers).not.toHaveProperty('traceparent');
});

test('with a collector a command and its requests are a trace, which the site goes on with', async () => {
  const { url, posted, close } = await collector();
  onEnd.push(close);
  expect((await bench.souk(['search', '--json'], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: url } })).code).toBe(0);
  const spans = posted.flatMap((one) => one.resourceSpans).flatMap((one) => one.scopeSpans).flatMap((one) => one.spans);
  const root = spans.find((span) => span.parentSpanId === undefined);
  const asked = spans.find((span) => span.name === 'GET /v1/search');
  expect(root?.name).toBe('souk search');
  expect(asked?.parentSpanId).toBe(root?.spanId);
  expect(parseTraceparent(String(bench.site.headers[0]?.['traceparent']))).toEqual({ traceId: asked?.traceId, spanId: asked?.spanId, sampled: true });
});

test('a command that fails is a trace that failed', async () => {
  const { url, posted, close } = await collector();
  onEnd.push(close);
  expect((await bench.souk(['info', 'nowhere', '--json'], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: url } })).code).toBe(3);
  const spans = posted.flatMap((one) => one.resourceSpans).flatMap((one) => one.scopeSpans).flatMap((one) => one.spans);
  expect(spans.find((span) => span.name === 'souk info')?.status?.code).toBe(2);
});

test('a collector that is gone, or an address that is none, changes nothing but a line', async () => {
  const { url, close } = await collector();
  await close();
  expect(await bench.souk(['search', '--json'], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: url } })).toMatchObject({ code: 0, stderr: '', json: { total: 0 } });
  expect(await bench.souk(['search', '--json'], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'nonsense' } })).toMatchObject({ code: 0, stderr: expect.stringMatching(/^The trace of this command is not recorded: .*\n$/), json: { total: 0 } });
});
