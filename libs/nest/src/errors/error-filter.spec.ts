import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Body, Controller, ForbiddenException, Get, Module, Param, Post, Put, Query, Res } from '@nestjs/common';
import { SoukError } from '@souk/domain';
import type { FastifyReply } from 'fastify';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { z } from 'zod';
import { bootstrap, createLog, InProcessBroker, type RunningService } from '../index.ts';

const Paging = z.object({ limit: z.coerce.number().int().max(100, 'expected at most 100').default(20) });
const Star = z.object({ on: z.boolean(), by: z.object({ name: z.string() }) });

@Controller('v1')
class ThingsController {
  @Get('things')
  list(@Query({ schema: Paging }) paging: z.output<typeof Paging>): object {
    return paging;
  }

  @Get('things/:name')
  one(@Param('name') name: string): object {
    if (name === 'forbidden') throw new ForbiddenException('Not yours');
    if (name === 'bug') throw new TypeError('the password is 1234');
    if (name === 'disk') throw new SoukError('STORAGE_CORRUPT', 'The disk is broken.');
    if (name === 'seen') throw new SoukError('INTERNAL', 'Something went wrong.', { traceId: 'f'.repeat(32) });
    if (name.length > 100) return { length: name.length };
    throw new SoukError('PACKAGE_NOT_FOUND', `Nobody publishes ${name}.`, { hint: 'Did you mean mitt?', details: { near: ['mitt'] } });
  }

  @Post('things')
  add(@Body({ schema: Star }) star: z.output<typeof Star>): object {
    return star;
  }

  @Put('things/:name')
  put(): object {
    return {};
  }

  @Get('broken')
  async broken(@Res() reply: FastifyReply): Promise<void> {
    reply.raw.writeHead(200, { 'content-length': '100' });
    reply.raw.write('half');
    await Promise.reject(new Error('broke off'));
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

const lines: Record<string, unknown>[] = [];
let service: RunningService;

beforeAll(async () => {
  const log = createLog({ level: 'warn', destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) } });
  service = await bootstrap(ThingsModule, { name: 'things', transport: { type: 'in-process', broker: new InProcessBroker() }, log });
});
afterAll(() => service.close());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

async function ask(path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(`${service.url}${path}`, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown>, headers: response.headers };
}

const json = (body: string): RequestInit => ({ method: 'POST', body, headers: { 'content-type': 'application/json' } });

test('a SoukError is its status of the table and its body', async () => {
  const { status, body, headers } = await ask('/v1/things/mit');
  expect(status).toBe(404);
  expect(body).toEqual({ code: 'PACKAGE_NOT_FOUND', message: 'Nobody publishes mit.', hint: 'Did you mean mitt?', details: { near: ['mitt'] }, traceId: headers.get('x-trace-id') });
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
});

test('input is parsed by its schema, or refused with every problem', async () => {
  expect((await ask('/v1/things')).body).toEqual({ limit: 20 });
  expect((await ask('/v1/things?limit=7')).body).toEqual({ limit: 7 });
  expect(await ask('/v1/things?limit=700')).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST', details: { problems: [{ path: 'limit', message: 'expected at most 100' }] } } });
  const { status, body } = await ask('/v1/things', json('{"on":1,"by":{}}'));
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'BAD_REQUEST', details: { problems: [{ path: 'on' }, { path: 'by.name' }] } });
});

test.each([
  ['no JSON', '{"on":'],
  ['an empty body', ''],
  ['a prototype key', '{"__proto__":{"on":true}}'],
  ['a constructor key', '{"constructor":{"prototype":{"on":true}}}'],
])('%s is refused as bad JSON', async (_what, body) => {
  expect(await ask('/v1/things', json(body))).toMatchObject({ status: 400, body: { code: 'BAD_JSON' } });
});

test('a body that is too large is TOO_LARGE', async () => {
  expect(await ask('/v1/things', json(JSON.stringify('x'.repeat(1_048_576))))).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } });
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'text/json', 'multipart/form-data; boundary=x'])('%s is UNSUPPORTED_MEDIA', async (type) => {
  const answer = await ask('/v1/things', { method: 'POST', body: 'on=true', headers: { 'content-type': type } });
  expect(answer).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA' } });
});

test('every error names the trace of its request', async () => {
  const traceId = 'c'.repeat(32);
  const headers = { 'content-type': 'application/json', 'x-trace-id': traceId };
  const bodies = ['{', JSON.stringify('x'.repeat(1_048_576)), '{}'];
  const answers = await Promise.all([...bodies.map((body) => ask('/v1/things', { method: 'POST', body, headers })), ask('/v1/nothing', { headers }), ask('/v1/things/mit', { headers })]);
  expect(answers.map(({ body }) => body.code)).toEqual(['BAD_JSON', 'TOO_LARGE', 'BAD_REQUEST', 'NOT_FOUND', 'PACKAGE_NOT_FOUND']);
  for (const { body, headers: sent } of answers) expect([body.traceId, sent.get('x-trace-id')]).toEqual([traceId, traceId]);
});

test('an unknown path is NOT_FOUND, a known one with another method METHOD_NOT_ALLOWED with Allow', async () => {
  expect(await ask('/v1/nothing?x=1')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND', message: 'There is nothing at /v1/nothing.' } });
  const { status, body, headers } = await ask('/v1/things/mitt?x=1', { method: 'DELETE' });
  expect([status, body.code, headers.get('allow')]).toEqual([405, 'METHOD_NOT_ALLOWED', 'GET, HEAD, PUT']);
  expect(await ask('/v1/things', { method: 'PATCH', body: '{', headers: { 'content-type': 'application/json' } })).toMatchObject({ status: 405 });
});

test('names may be long, but not endless, and a path must be decodable', async () => {
  expect(await ask(`/v1/things/${'x'.repeat(300)}`)).toMatchObject({ status: 200, body: { length: 300 } });
  expect(await ask(`/v1/things/${'x'.repeat(600)}`)).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
  expect(await ask('/v1/things/%E0%A4%A')).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
});

test("Nest's own exceptions are mapped by their status", async () => {
  expect(await ask('/v1/things/forbidden')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN', message: 'Not yours.' } });
});

test('a bug is logged once with its stack and shown as INTERNAL with the trace id', async () => {
  lines.length = 0;
  const { status, body, headers } = await ask('/v1/things/bug');
  expect([status, body.code, body.traceId]).toEqual([500, 'INTERNAL', headers.get('x-trace-id')]);
  expect(JSON.stringify(body)).not.toContain('1234');
  expect(lines).toMatchObject([{ level: 'error', traceId: body.traceId, service: 'things', error: { message: 'the password is 1234', stack: expect.stringContaining('ThingsController') } }]);
});

test('what blames this machine is logged and shown; what another service logged is not logged again', async () => {
  lines.length = 0;
  expect(await ask('/v1/things/disk')).toMatchObject({ status: 500, body: { code: 'STORAGE_CORRUPT' } });
  expect(lines).toMatchObject([{ level: 'error', error: { message: 'The disk is broken.' } }]);
  lines.length = 0;
  expect(await ask('/v1/things/seen')).toMatchObject({ status: 500, body: { code: 'INTERNAL', traceId: 'f'.repeat(32) } });
  expect(await ask('/v1/things/mit')).toMatchObject({ status: 404 });
  expect(lines).toEqual([]);
});

test('an answer that breaks off is cut, so that nobody takes it for whole', async () => {
  const response = await fetch(`${service.url}/v1/broken`);
  await expect(response.text()).rejects.toThrow('terminated');
});

/** Sends bytes as they are and returns what comes back. */
function sendRaw(text: string): Promise<string> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.end(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString())).on('close', () => resolve(answer));
  });
}

test.each([
  ['THIS IS NOT HTTP\r\n\r\n', 400, 'BAD_REQUEST'],
  ['GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400, 'BAD_REQUEST'],
  [`GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'TOO_LARGE'],
])('what never becomes a request is refused with an error body: %.30s', async (text, status, code) => {
  const answer = await sendRaw(text);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code });
  expect((await ask('/v1/things')).status).toBe(200);
});

test('slow and talkative clients have limits', () => {
  const server: Server = service.app.getHttpServer();
  expect([server.headersTimeout, server.requestTimeout, server.maxHeadersCount]).toEqual([10_000, 30_000, 100]);
});
