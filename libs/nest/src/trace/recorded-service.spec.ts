import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { event, request, stream } from '@souk/contracts';
import { SoukError } from '@souk/domain';
import { z } from 'zod';
import { bootstrap, Handles, InProcessBroker, Listens, Metrics, Rpc, silentLog, Spans, Streams, type RunningService, type Span, type SpanFacts, type SpanOrigin, type Tracing } from '../index.ts';
import { currentTrace, newTrace } from './trace.ts';

const double = request('souk.spec.v1.double', { input: z.object({ n: z.number() }), output: z.object({ n: z.number() }), timeoutMs: 10_000 });
const count = stream('souk.spec.v1.count', { input: z.object({ to: z.number() }), item: z.object({ n: z.number() }), timeoutMs: 10_000 });
const counted = event('souk.event.v1.counted', z.object({ n: z.number() }));

interface Noted {
  readonly facts: SpanFacts;
  readonly parentId: string | undefined;
  readonly spanId: string;
  attributes: Record<string, unknown>;
  ended: { readonly code: string | undefined } | undefined;
}

/** Spans that are kept in the order in which they began. */
class NotedSpans extends Spans {
  readonly isOn = true;
  readonly noted: Noted[] = [];

  begin(facts: SpanFacts, origin: SpanOrigin = { parent: currentTrace() }): Span {
    const trace = { ...newTrace(origin.parent?.traceId ?? origin.traceId), sampled: true };
    const one: Noted = { facts, parentId: origin.parent?.spanId, spanId: trace.spanId, attributes: { ...facts.attributes }, ended: undefined };
    this.noted.push(one);
    return { trace, note: (more) => void Object.assign(one.attributes, more), end: (code) => void (one.ended = { code }) };
  }
}

let heard: PromiseWithResolvers<void>;

@Controller()
class SpecController {
  constructor(private readonly rpc: Rpc) {}

  @Handles(double)
  double({ n }: { n: number }): { n: number } {
    if (n < 0) throw new SoukError('BAD_REQUEST', 'Not that one.');
    return { n: 2 * n };
  }

  @Streams(count)
  async *count({ to }: { to: number }): AsyncGenerator<{ n: number }> {
    for (let n = 1; n <= to; n += 1) yield this.double({ n });
  }

  @Listens(counted)
  heard(): void {
    heard.resolve();
  }

  @Get('things/:name')
  async things(): Promise<object> {
    for await (const _one of this.rpc.stream(count, { to: 2 })) await this.rpc.emit(counted, { n: 1 });
    return this.rpc.call(double, { n: 1 });
  }

  @Get('broken')
  broken(): never {
    throw new Error('a bug');
  }
}

@Module({ controllers: [SpecController] })
class SpecModule {}

let spans: NotedSpans;
let service: RunningService;

beforeEach(async () => {
  heard = Promise.withResolvers();
  spans = new NotedSpans();
  const tracing = { join: async () => ({ spans, leave: async () => undefined }) } as unknown as Tracing;
  service = await bootstrap(SpecModule, { name: 'spec', transport: { type: 'in-process', broker: new InProcessBroker() }, log: silentLog, metrics: new Metrics(), tracing });
});
afterEach(() => service.close());

const shown = ({ facts }: Noted): string => `${facts.kind} ${facts.name}`;
const parentOf = (one: Noted | undefined): Noted | undefined => spans.noted.find(({ spanId }) => spanId === one?.parentId);
const named = (name: string): Noted | undefined => spans.noted.find((one) => shown(one) === name);

test('what a request causes is recorded under it: calls, streams and events, at both of their ends', async () => {
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const answer = await fetch(`${service.url}/things/secret-name`, { headers: { traceparent: parent } });
  await answer.json();
  await heard.promise;
  expect(answer.headers.get('x-trace-id')).toBe('0af7651916cd43dd8448eb211c80319c');
  const request = named('server GET /things/:name');
  expect(request?.parentId).toBe('b7ad6b7169203331');
  for (const [inner, outer] of [
    ['server souk.spec.v1.count', 'client souk.spec.v1.count'],
    ['server souk.spec.v1.double', 'client souk.spec.v1.double'],
    ['consumer process souk.event.v1.counted', 'producer send souk.event.v1.counted'],
  ] as const) {
    expect([inner, named(inner) && shown(parentOf(named(inner)) as Noted)]).toEqual([inner, outer]);
    expect(parentOf(named(outer))).toBe(request);
  }
  expect(JSON.stringify(spans.noted)).not.toContain('secret-name');
});

test('a trace id alone is taken over, by a trace that begins here', async () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  const answer = await fetch(`${service.url}/things/x`, { headers: { 'x-trace-id': id } });
  expect(answer.headers.get('x-trace-id')).toBe(id);
  expect(named('server GET /things/:name')?.parentId).toBeUndefined();
});

test('errors are said by their codes, statuses where there is no code', async () => {
  await expect(service.app.get(Rpc).call(double, { n: -1 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect(named('server souk.spec.v1.double')?.ended).toEqual({ code: 'BAD_REQUEST' });
  await (await fetch(`${service.url}/broken`)).json();
  await (await fetch(`${service.url}/nowhere`)).json();
  await service.close();
  expect([named('server GET /broken')?.attributes, named('server GET /broken')?.ended]).toEqual([{ 'http.request.method': 'GET', 'http.route': '/broken', 'http.response.status_code': 500 }, { code: '500' }]);
  expect([named('server GET')?.attributes, named('server GET')?.ended]).toEqual([{ 'http.request.method': 'GET', 'http.response.status_code': 404 }, { code: undefined }]);
});

test('what nobody asked for is not recorded where it begins, and neither are probes', async () => {
  for (const path of ['/healthz', '/readyz', '/metrics']) await (await fetch(`${service.url}${path}`)).text();
  await service.app.get(Rpc).call(double, { n: 1 });
  await service.app.get(Rpc).emit(counted, { n: 1 });
  await heard.promise;
  expect(spans.noted.map(shown)).not.toContain('client souk.spec.v1.double');
  expect(spans.noted.map(shown)).not.toContain('producer send souk.event.v1.counted');
  expect(spans.noted.filter((one) => shown(one).includes('GET'))).toEqual([]);
});
