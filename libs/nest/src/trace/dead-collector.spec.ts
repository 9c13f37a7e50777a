import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createLog } from '../log/log.ts';
import type { Spans } from './spans.ts';
import { Tracing } from './tracing.ts';

const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A port where whoever connects gets no answer. */
async function blackHole(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({ server, sockets });
  return (server.address() as AddressInfo).port;
}

/** A port where nobody listens. */
async function refusing(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const settings = { headers: {}, isParentBased: true, ratio: 1, resource: {}, exportMs: 50 };

function work(spans: Spans, times: number): void {
  for (let at = 0; at < times; at += 1) spans.begin({ name: 'work', kind: 'internal' }, {}).end();
}

test.each([
  ['refuses', refusing],
  ['does not answer', blackHole],
])('a collector that %s costs a line of the log, and the spans', async (_what, open) => {
  const lines: string[] = [];
  let dropped = 0;
  const tracing = new Tracing({ ...settings, url: `http://127.0.0.1:${await open()}/v1/traces` }, createLog({ destination: { write: (line) => void lines.push(line) } }));
  const { spans, leave } = await tracing.join({ name: 'spec', version: '1', ordinal: 0 }, (count) => (dropped += count));
  // More than are kept waiting, so that the rest is dropped at once.
  work(spans, 5_000);
  await leave();
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['Traces are not taken in; they are dropped until they are']);
  expect(dropped).toBeGreaterThan(0);
  expect(dropped).toBeLessThanOrEqual(2_048 + 512);
  // Whoever goes on working after that does so in vain, and harms nobody.
  work(spans, 10);
});

test('without a collector nothing is recorded, and ids are handed on all the same', async () => {
  const { spans, leave } = await new Tracing(undefined, createLog({ level: 'silent' })).join({ name: 'spec', version: '1', ordinal: 0 }, () => undefined);
  const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true };
  expect(spans.isOn).toBe(false);
  expect(spans.begin({ name: 'x', kind: 'server' }, { parent }).trace).toMatchObject({ traceId: parent.traceId, sampled: true });
  expect(spans.begin({ name: 'x', kind: 'server' }, { traceId: parent.traceId }).trace).toMatchObject({ traceId: parent.traceId, sampled: false });
  await leave();
});

test('what the caller decided counts; of what begins here the part that was asked for is recorded', async () => {
  const tracing = new Tracing({ ...settings, ratio: 0, url: 'http://127.0.0.1:9/v1/traces' }, createLog({ level: 'silent' }));
  const { spans, leave } = await tracing.join({ name: 'spec', version: '1', ordinal: 0 }, () => undefined);
  const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
  const begun = (sampled: boolean): boolean => spans.begin({ name: 'x', kind: 'server' }, { parent: { ...parent, sampled } }).trace.sampled;
  expect([begun(true), begun(false), spans.begin({ name: 'x', kind: 'server' }, {}).trace.sampled]).toEqual([true, false, false]);
  expect(spans.begin({ name: 'x', kind: 'server' }, { traceId: parent.traceId }).trace.traceId).toBe(parent.traceId);
  expect(spans.begin({ name: 'x', kind: 'server' }, {}).trace.traceId).not.toBe(parent.traceId);
  await leave();
});
