import { afterEach, expect, test } from '@jest/globals';
import { Controller, Get, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { request } from '@souk/contracts';
import { createServer } from 'node:net';
import { z } from 'zod';
import {
  bootstrap,
  createLog,
  Handles,
  InProcessBroker,
  Log,
  loadConfig,
  Metrics,
  Readiness,
  Rpc,
  ServiceContext,
  serviceConfig,
  serviceOptions,
  silentLog,
  type BootstrapOptions,
  type CallContext,
  type RunningService,
} from '../index.ts';

const who = request('souk.spec.v1.{ordinal}.who', { input: z.object({}), output: z.object({ name: z.string(), ordinal: z.number(), traceId: z.string() }), timeoutMs: 10_000 });

@Injectable()
class Store implements OnApplicationShutdown {
  static closed = 0;

  onApplicationShutdown(): void {
    Store.closed += 1;
  }
}

@Controller()
class WhoController {
  constructor(
    private readonly context: ServiceContext,
    private readonly log: Log,
    private readonly rpc: Rpc,
  ) {}

  @Handles(who)
  who(_input: object, { traceparent }: CallContext): { name: string; ordinal: number; traceId: string } {
    this.log.info('asked');
    return { name: this.context.name, ordinal: this.context.ordinal, traceId: traceparent.split('-')[1] ?? '' };
  }

  @Get('who')
  ask(): Promise<unknown> {
    return this.rpc.call(who, {}, { ordinal: 1 });
  }
}

@Module({ controllers: [WhoController], providers: [Store] })
class WhoModule {}

const running: RunningService[] = [];
const lines: Record<string, unknown>[] = [];

function start(options: Partial<BootstrapOptions> = {}, module = WhoModule): Promise<RunningService> {
  const defaults = { name: 'spec', transport: { type: 'in-process' as const, broker: new InProcessBroker() }, log: silentLog, metrics: new Metrics() };
  return bootstrap(module, { ...defaults, ...options }).then((service) => (running.push(service), service));
}

afterEach(async () => {
  lines.length = 0;
  await Promise.all(running.splice(0).map((service) => service.close()));
});

async function ask(url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: Record<string, unknown>; traceId: string | null }> {
  const response = await fetch(url, { headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown>, traceId: response.headers.get('x-trace-id') };
}

test('a trace crosses from HTTP over rpc into the handler of another service, and into its log', async () => {
  const broker = new InProcessBroker();
  const log = createLog({ destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) } });
  const [edge] = await Promise.all([0, 1].map((ordinal) => start({ name: `peer-${ordinal}`, ordinal, transport: { type: 'in-process', broker }, log })));
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const answer = await ask(`${edge?.url}/who`, { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
  expect(answer).toEqual({ status: 200, body: { name: 'peer-1', ordinal: 1, traceId }, traceId });
  expect(lines.filter(({ msg }) => msg === 'asked')).toMatchObject([{ traceId, service: 'peer-1' }]);
  expect(await ask(`${edge?.url}/who`, { 'x-trace-id': 'a'.repeat(32) })).toMatchObject({ traceId: 'a'.repeat(32), body: { traceId: 'a'.repeat(32) } });
  const fresh = await ask(`${edge?.url}/who`, { traceparent: 'nonsense' });
  expect(fresh.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(fresh.body.traceId).toBe(fresh.traceId);
});

test('a service is ready when every condition is met, and says what is missing until then', async () => {
  const service = await start();
  const readiness = service.app.get(Readiness);
  expect(await ask(`${service.url}/readyz`)).toMatchObject({ status: 200, body: { status: 'ready' } });
  const index = readiness.condition('index caught up');
  const peer = readiness.condition('peer found');
  index.unmet('40 of 100');
  expect(await ask(`${service.url}/readyz`)).toMatchObject({
    status: 503,
    body: { code: 'UNAVAILABLE', message: 'Not ready yet: index caught up (40 of 100), peer found.', details: { unmet: [{ name: 'index caught up', reason: '40 of 100' }, { name: 'peer found' }] } },
  });
  expect(await ask(`${service.url}/healthz`)).toMatchObject({ status: 200 });
  const ready = readiness.whenReady();
  index.met();
  peer.met();
  await ready;
  expect(await ask(`${service.url}/readyz`)).toMatchObject({ status: 200 });
});

test('whoever waits for readiness can give up', async () => {
  const readiness = new Readiness();
  readiness.condition('never');
  await expect(readiness.whenReady(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  const controller = new AbortController();
  const waiting = readiness.whenReady(controller.signal);
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

test('metrics name the process, requests and contracts', async () => {
  const service = await start({ ordinal: 1, metrics: undefined });
  await ask(`${service.url}/who`);
  await ask(`${service.url}/who`);
  await ask(`${service.url}/nothing`);
  const text = await (await fetch(`${service.url}/metrics`)).text();
  expect(text).toContain('souk_rpc_total{side="server",contract="souk.spec.v1.{ordinal}.who",code="OK"} 2');
  expect(text).toContain('souk_rpc_seconds_count{side="client",contract="souk.spec.v1.{ordinal}.who"} 2');
  expect(text).toContain('souk_http_total{method="GET",route="/who",status="200"} 2');
  expect(text).toMatch(/souk_http_total\{method="GET",route="none",status="404"\} 1/);
  expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds \d/);
  expect(text).toMatch(/process_resident_memory_bytes \d/);
});

test('a port in use is said so, with what to do, and nothing stays open', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const before = Store.closed;
  await expect(start({ http: { port } })).rejects.toMatchObject({ code: 'PORT_IN_USE', details: { port }, hint: expect.stringContaining('another port') });
  expect(Store.closed).toBe(before + 1);
  await new Promise((resolve) => taken.close(resolve));
});

test('an address that this machine does not have is BAD_CONFIG', async () => {
  await expect(start({ http: { host: '192.0.2.1' } })).rejects.toMatchObject({ code: 'BAD_CONFIG' });
});

test('what a provider throws at the start comes out as it is', async () => {
  @Module({ providers: [{ provide: 'x', useFactory: () => Promise.reject(new TypeError('no disk')) }] })
  class BrokenModule {}
  await expect(start({}, BrokenModule)).rejects.toThrow(new TypeError('no disk'));
});

test("a handler bound by Nest's own decorator, or two for one subject, are refused at the start", async () => {
  @Controller()
  class NestController {
    @MessagePattern('x')
    x(): void {}
  }
  @Module({ controllers: [NestController] })
  class NestModule {}
  await expect(start({}, NestModule)).rejects.toThrow('use @Handles');
  @Module({ imports: [WhoModule], controllers: [class Again extends WhoController {}] })
  class TwiceModule {}
  await expect(start({}, TwiceModule)).rejects.toThrow('Two handlers answer souk.spec.v1.0.who');
});

test('a service of its own gets its options from its settings', async () => {
  const config = loadConfig(serviceConfig, { SOUK_LOG_LEVEL: 'silent', SOUK_HTTP_HOST: '0.0.0.0' });
  const service = await start(serviceOptions('alone', config));
  expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await ask(`${service.url}/healthz`)).toMatchObject({ status: 200, body: { status: 'ok' } });
});
