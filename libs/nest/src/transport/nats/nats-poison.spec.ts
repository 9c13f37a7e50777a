import { connect as connectRaw, type NatsConnection as RawClient } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { event, maxMessageBytes, request } from '@souk/contracts';
import { natsProgram, NatsServer, natsTest } from '@souk/testing/nats';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { bootstrap, Handles, Listens, Metrics, Rpc, silentLog, type RunningService } from '../../index.ts';

const greet = request('souk.spec.v1.greet', { input: z.object({ name: z.string().max(2_000_000) }), output: z.object({ length: z.number() }), timeoutMs: 10_000 });
const happened = event('souk.event.v1.spec', z.object({ n: z.number() }));
const heard: number[] = [];

@Controller()
class GreetController {
  @Handles(greet)
  greet({ name }: { name: string }): { length: number } {
    return { length: name.length };
  }

  @Listens(happened)
  note({ n }: { n: number }): void {
    heard.push(n);
  }
}

@Module({ controllers: [GreetController] })
class GreetModule {}

let server: NatsServer | undefined;
let service: RunningService | undefined;
let raw: RawClient | undefined;

// A limit above Souk's own, so that the server lets through what the service must refuse.
beforeAll(async () => {
  if (natsProgram() === undefined) return;
  server = await NatsServer.start({ config: 'max_payload: 4MB' });
  const servers = [{ host: '127.0.0.1', port: server.port }];
  service = await bootstrap(GreetModule, { name: 'spec', transport: { type: 'nats', servers }, log: silentLog, metrics: new Metrics() });
  raw = await connectRaw({ port: server.port });
});
afterAll(async () => {
  await raw?.close();
  await service?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Asks as a client of another make does. */
async function ask(subject: string, data: string | Uint8Array): Promise<unknown> {
  const answer = await raw?.request(subject, data, { timeout: 10_000 });
  return answer?.json();
}

const works = async (): Promise<void> => expect(await service?.app.get(Rpc).call(greet, { name: 'souk' })).toEqual({ length: 4 });
const utf8 = new TextEncoder();

natsTest('what is not JSON, of another shape or too large is answered with a typed error', async () => {
  const cases: [string | Uint8Array, string][] = [
    ['{', 'BAD_JSON'],
    ['\u0000', 'BAD_JSON'],
    [Uint8Array.of(0xff, 0xfe, 0x00), 'BAD_JSON'],
    ['{"name":"a"}{"name":"b"}', 'BAD_JSON'],
    ['', 'BAD_REQUEST'],
    ['null', 'BAD_REQUEST'],
    ['{"name":7}', 'BAD_REQUEST'],
    ['{"__proto__":{"name":"x"}}', 'BAD_REQUEST'],
    [`${'['.repeat(500_000)}${']'.repeat(500_000)}`, 'BAD_REQUEST'],
    [utf8.encode(JSON.stringify({ name: 'x'.repeat(maxMessageBytes) })), 'TOO_LARGE'],
  ];
  for (const [data, code] of cases) expect(await ask(greet.subject, data)).toMatchObject({ code, traceId: expect.any(String) });
  expect(await ask(greet.subject, JSON.stringify({ name: 'x'.repeat(maxMessageBytes - 11) }))).toEqual({ length: maxMessageBytes - 11 });
  await works();
});

natsTest('a subject that nobody serves is told so at once', async () => {
  await expect(ask('souk.spec.v1.nothing', '{}')).rejects.toThrow('no responders');
  await works();
});

natsTest('poison among events is passed by, the next ones are heard', async () => {
  heard.length = 0;
  for (const data of ['{', '{"n":"x"}', 'x'.repeat(2_000_000), '{"n":1}']) raw?.publish(happened.subject, data);
  await raw?.flush();
  while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual([1]);
  await works();
});

/** Speaks the protocol by hand, as no client library would; resolves when the server has taken it. */
async function speak(...lines: string[]): Promise<void> {
  const socket: Socket = connect(server?.port ?? 0, '127.0.0.1');
  const answered = new Promise<void>((resolve) => socket.on('data', (bytes) => String(bytes).includes('PONG') && resolve()));
  socket.write(`CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true,"protocol":1}\r\n${lines.join('')}PING\r\n`);
  await answered;
  socket.destroy();
}

const hpub = (subject: string, reply: string, headers: string, data: string): string => `HPUB ${subject} ${reply} ${headers.length} ${headers.length + data.length}\r\n${headers}${data}\r\n`;

natsTest('headers that break the format do not end the connection', async () => {
  const answers: string[] = [];
  raw?.subscribe('_INBOX.raw.*', { callback: (_error, message) => void answers.push(message.string()) });
  const heads = [
    'NATS/1.0\r\nno colon\r\n\r\n',
    'NATS/1.0\r\nbad name: x\r\n\r\n',
    'NATS/1.0\r\n\u0001: x\r\n\r\n',
    'NATS/1.0\r\n: empty\r\n\r\n',
    'NATS/1.0 503\r\n\r\n',
    'HTTP/1.1 200 OK\r\n\r\n',
    `NATS/1.0\r\n__proto__: x\r\nsouk-deadline-ms: -1\r\nsouk-alive: 1\r\nsouk-window: ${'9'.repeat(400)}\r\ntraceparent: ${'0'.repeat(5_000)}\r\n\r\n`,
    '\r\n\r\n',
  ];
  await raw?.flush();
  await speak(...heads.map((headers, index) => hpub(greet.subject, `_INBOX.raw.${index}`, headers, '{"name":"x"}')));
  while (answers.length < heads.length) await new Promise((resolve) => setImmediate(resolve));
  expect(answers).toEqual(heads.map(() => '{"length":1}'));
  await works();
});

natsTest('controls of nobody, answers nobody waits for and replies to odd places do no harm', async () => {
  const control = (headers: string): string => hpub(`${greet.subject}.control`, 'x', `NATS/1.0\r\n${headers}\r\n`, '');
  await speak(
    control(''),
    control('souk-call: __proto__\r\nsouk-control: cancel\r\n'),
    control('souk-call: constructor\r\nsouk-amount: 1e99\r\n'),
    'PUB _INBOX_spec.spec.0.0 1\r\n{\r\n',
    ...[greet.subject, happened.subject, `${greet.subject}.control`, '_INBOX.*', '_INBOX..', '>', '$SYS.REQ.SERVER.PING'].map((reply) => `PUB ${greet.subject} ${reply} 12\r\n{"name":"x"}\r\n`),
  );
  await works();
});
