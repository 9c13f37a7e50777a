import { afterEach, expect, test } from '@jest/globals';
import type { MessageHandler } from '@nestjs/microservices';
import { event, request, stream } from '@souk/contracts';
import { z } from 'zod';
import { silentLog } from '../log/log.ts';
import { Metrics } from '../metrics/metrics.ts';
import type { Connection, Message } from '../transport/connection.ts';
import { InProcessBroker } from '../transport/in-process-broker.ts';
import { Calls } from './calls.ts';
import type { CallContext, Served } from './decorators.ts';
import { callMetrics } from './rpc-metrics.ts';
import { RpcServer, type RpcServerOptions } from './rpc-server.ts';
import { Rpc } from './rpc.ts';
import { header } from './wire.ts';

const ask = request('souk.spec.v1.ask', { input: z.object({}), output: z.object({ n: z.number() }), timeoutMs: 10_000 });
const follow = stream('souk.spec.v1.follow', { input: z.object({}), item: z.object({ n: z.number() }), timeoutMs: 10_000 });
const happened = event('souk.event.v1.spec', z.object({ n: z.number() }));
const utf8 = new TextEncoder();
const opened: Connection[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.close()));
});

function connect(broker: InProcessBroker): Connection {
  const connection = broker.connect({ name: 'spec' });
  opened.push(connection);
  return connection;
}

/** A server without Nest around it: handlers get what is decoded. */
function serve(broker: InProcessBroker, handlers: readonly (readonly [Served, MessageHandler])[], options: Partial<RpcServerOptions> = {}): RpcServer {
  const server = new RpcServer({ connection: connect(broker), log: silentLog, noteCall: callMetrics(new Metrics(), 'server'), noteDropped: () => {}, ordinal: 0, ...options });
  for (const [served, handler] of handlers) server.addHandler(served.contract.subject, handler, false, { served });
  server.listen(() => {});
  return server;
}

/** Sends raw bytes as a request and returns the first answer. */
function raw(connection: Connection, subject: string, data: Uint8Array, headers: Record<string, string> = {}): Promise<Message> {
  return new Promise((resolve) => {
    connection.subscribe('_INBOX.raw', {}, resolve);
    connection.publish(subject, data, { reply: '_INBOX.raw', headers });
  });
}

const bodyOf = (message: Message): unknown => JSON.parse(new TextDecoder().decode(message.data));

test('what is not JSON is answered with BAD_JSON, and does no harm', async () => {
  const broker = new InProcessBroker();
  const heard = Promise.withResolvers<unknown>();
  serve(broker, [
    [{ contract: ask }, () => Promise.resolve({ n: 1 })],
    [{ contract: happened }, (payload: unknown) => Promise.resolve(heard.resolve(payload))],
  ]);
  const connection = connect(broker);
  for (const poison of ['{', '\u0000', '{"a":1}{"b":2}']) expect(bodyOf(await raw(connection, ask.subject, utf8.encode(poison)))).toMatchObject({ code: 'BAD_JSON' });
  expect(bodyOf(await raw(connection, ask.subject, Uint8Array.of(0xff, 0xfe)))).toMatchObject({ code: 'BAD_JSON' });
  connection.publish(happened.subject, utf8.encode('{'));
  connection.publish(happened.subject, utf8.encode('{"n":1}'));
  expect(await heard.promise).toEqual({ n: 1 });
});

test('headers that make no sense, controls of nobody and requests without reply do no harm', async () => {
  const broker = new InProcessBroker();
  let calls = 0;
  serve(broker, [[{ contract: ask }, () => Promise.resolve({ n: (calls += 1) })]]);
  const connection = connect(broker);
  connection.publish(ask.subject, utf8.encode('{}'));
  const controls: Record<string, string>[] = [{}, { [header.call]: 'x', [header.control]: 'cancel' }, { [header.call]: '__proto__', [header.amount]: '-1e99' }];
  for (const headers of controls) {
    connection.publish(`${ask.subject}.control`, utf8.encode('x'), { headers });
  }
  const odd = { [header.deadline]: '-5', [header.traceparent]: 'x'.repeat(1000), [header.window]: 'NaN' };
  const answer = await raw(connection, ask.subject, utf8.encode('{}'), odd);
  expect(answer.headers[header.kind]).toBe('value');
  expect(calls).toBe(1);
});

test('calls above the limit are UNAVAILABLE, those in work go on', async () => {
  const broker = new InProcessBroker();
  const go = Promise.withResolvers<void>();
  const server = serve(broker, [[{ contract: ask }, () => go.promise.then(() => ({ n: 1 }))]], { maxCalls: 2 });
  const rpc = new Rpc(new Calls(connect(broker)), silentLog, () => {});
  const calls = [1, 2].map(() => rpc.call(ask, {}));
  await expect(rpc.call(ask, {})).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('Too many calls') });
  go.resolve();
  expect(await Promise.all(calls)).toEqual([{ n: 1 }, { n: 1 }]);
  await server.drain();
});

test('a caller that waits for too many answers is told before it sends', async () => {
  const broker = new InProcessBroker();
  serve(broker, [[{ contract: ask }, () => new Promise<never>(() => {})]]);
  const rpc = new Rpc(new Calls(connect(broker), { maxCalls: 1 }), silentLog, () => {});
  const controller = new AbortController();
  const first = rpc.call(ask, {}, { signal: controller.signal });
  await expect(rpc.call(ask, {})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  controller.abort();
  await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('events above the limit of a slow handler are dropped and counted, the others keep their order', async () => {
  const broker = new InProcessBroker();
  const dropped: string[] = [];
  const heard: number[] = [];
  const go = Promise.withResolvers<void>();
  const hear = async ({ n }: { n: number }): Promise<void> => {
    await go.promise;
    heard.push(n);
  };
  const server = serve(broker, [[{ contract: happened }, hear], [{ contract: ask }, () => Promise.resolve({ n: 0 })]], { maxEventBytes: 220, noteDropped: (subject) => dropped.push(subject) });
  const rpc = new Rpc(new Calls(connect(broker)), silentLog, () => {});
  for (let n = 0; n < 6; n += 1) await rpc.emit(happened, { n });
  await rpc.call(ask, {});
  expect(dropped).toEqual([happened.subject, happened.subject]);
  go.resolve();
  await server.drain();
  expect(heard).toEqual([0, 1, 2, 3]);
});

test('a stream whose caller has vanished stops at the server', async () => {
  const broker = new InProcessBroker();
  const stopped = Promise.withResolvers<unknown>();
  async function* run(_input: object, { signal }: CallContext): AsyncGenerator<{ n: number }> {
    yield { n: 1 };
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    stopped.resolve(signal.reason);
  }
  serve(broker, [[{ contract: follow, endless: true }, (input: object, context: CallContext) => Promise.resolve(run(input, context)) as never]]);
  await raw(connect(broker), follow.subject, utf8.encode('{}'), { [header.heartbeat]: '5' });
  expect(await stopped.promise).toMatchObject({ code: 'CANCELLED', message: expect.stringContaining('vanished') });
});

test('a call whose server has died is UNAVAILABLE long before its time is over', async () => {
  const broker = new InProcessBroker();
  const began = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const server = broker.connect({ name: 'spec' });
  for (const [index, { subject }] of [ask, follow].entries()) server.subscribe(subject, {}, () => began[index]?.resolve());
  const rpc = new Rpc(new Calls(connect(broker), { aliveMs: 5 }), silentLog, () => {});
  const failures = [rpc.call(ask, {}), rpc.stream(follow, {}).next()].map((outcome) => expect(outcome).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('died') }));
  await Promise.all(began.map(({ promise }) => promise));
  await server.close();
  await Promise.all(failures);
});

test('a call that takes long is waited for while its server lives; callers that did not ask for signs of life get none', async () => {
  const broker = new InProcessBroker();
  const go = Promise.withResolvers<void>();
  let signs = 0;
  connect(broker).subscribe('_INBOX_spec.*.*.*', {}, ({ headers }) => {
    if (headers[header.kind] === 'alive') signs += 1;
    if (signs === 20) go.resolve();
  });
  serve(broker, [[{ contract: ask }, () => go.promise.then(() => ({ n: 1 }))]], { aliveMs: 5 });
  const plain = raw(connect(broker), ask.subject, utf8.encode('{}'));
  const rpc = new Rpc(new Calls(connect(broker), { aliveMs: 5 }), silentLog, () => {});
  expect(await rpc.call(ask, {})).toEqual({ n: 1 });
  expect((await plain).headers[header.kind]).toBe('value');
});

test('answers go to inboxes only, once for each call', async () => {
  const broker = new InProcessBroker();
  const go = Promise.withResolvers<void>();
  let calls = 0;
  const server = serve(broker, [[{ contract: ask }, () => ((calls += 1), go.promise.then(() => ({ n: calls })))]]);
  const connection = connect(broker);
  const heard: string[] = [];
  for (const subject of [happened.subject, '_INBOX.mine']) connection.subscribe(subject, {}, (message) => heard.push(message.subject));
  for (const reply of [happened.subject, ask.subject, '_INBOX.mine', '_INBOX.mine']) connection.publish(ask.subject, utf8.encode('{}'), { reply });
  const rpc = new Rpc(new Calls(connect(broker)), silentLog, () => {});
  const last = rpc.call(ask, {});
  go.resolve();
  expect(await last).toEqual({ n: 2 });
  expect(heard).toEqual(['_INBOX.mine']);
  await server.drain();
});

test('signs of life keep a slow stream going', async () => {
  const broker = new InProcessBroker();
  let beats = 0;
  const enough = Promise.withResolvers<void>();
  connect(broker).subscribe(`${follow.subject}.control`, {}, () => {
    beats += 1;
    if (beats === 5) enough.resolve();
  });
  async function* run(): AsyncGenerator<{ n: number }> {
    await enough.promise;
    yield { n: 1 };
  }
  serve(broker, [[{ contract: follow, endless: false }, () => Promise.resolve(run()) as never]]);
  const rpc = new Rpc(new Calls(connect(broker), { heartbeatMs: 50 }), silentLog, () => {});
  const items: number[] = [];
  for await (const { n } of rpc.stream(follow, {})) items.push(n);
  expect(items).toEqual([1]);
});

test.each([
  ['a lost item', [{ [header.kind]: 'value', [header.seq]: '0' }, { [header.kind]: 'value', [header.seq]: '2' }]],
  ['an item twice', [{ [header.kind]: 'value', [header.seq]: '0' }, { [header.kind]: 'value', [header.seq]: '0' }]],
  ['an end too early', [{ [header.kind]: 'value', [header.seq]: '0' }, { [header.kind]: 'end', [header.seq]: '7' }]],
])('%s is noticed by the reader of a stream', async (_what, frames) => {
  const broker = new InProcessBroker();
  const server = connect(broker);
  server.subscribe(follow.subject, {}, ({ reply = '' }) => {
    for (const headers of frames) server.publish(reply, utf8.encode('{"n":1}'), { headers });
  });
  const rpc = new Rpc(new Calls(connect(broker)), silentLog, () => {});
  const read = async (): Promise<void> => {
    for await (const item of rpc.stream(follow, {})) expect(item).toEqual({ n: 1 });
  };
  await expect(read()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('lost') });
});

test('a server that sends more than was asked for is cut off', async () => {
  const broker = new InProcessBroker({ maxMessageBytes: 2_000 });
  const server = connect(broker);
  const cancelled = new Promise<void>((resolve) =>
    server.subscribe(`${follow.subject}.control`, {}, ({ headers }) => {
      if (headers[header.control] === 'cancel') resolve();
    }),
  );
  server.subscribe(follow.subject, {}, ({ reply = '' }) => {
    for (let n = 0; n < 20; n += 1) server.publish(reply, new Uint8Array(1_000), { headers: { [header.kind]: 'value', [header.seq]: String(n) } });
  });
  const rpc = new Rpc(new Calls(connect(broker), { window: 1_000 }), silentLog, () => {});
  await expect(rpc.stream(follow, {}).next()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('more than') });
  await cancelled;
});

test.each([
  ['no JSON', utf8.encode('{'), { [header.kind]: 'value' }],
  ['another shape', utf8.encode('{"n":"x"}'), { [header.kind]: 'value' }],
  ['an error that is none', utf8.encode('[]'), { [header.kind]: 'error' }],
  ['an error of a later version', utf8.encode('{"code":"NEW_CODE","message":"New."}'), { [header.kind]: 'error' }],
])('%s as an answer is UNAVAILABLE', async (_what, data, headers) => {
  const broker = new InProcessBroker();
  const server = connect(broker);
  server.subscribe(ask.subject, {}, ({ reply = '' }) => server.publish(reply, data, { headers }));
  const rpc = new Rpc(new Calls(connect(broker)), silentLog, () => {});
  await expect(rpc.call(ask, {})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
