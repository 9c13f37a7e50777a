import { afterAll, beforeAll, expect } from '@jest/globals';
import type { MessageHandler } from '@nestjs/microservices';
import { event, request, stream } from '@souk/contracts';
import { Cable, natsProgram, NatsServer, natsTest } from '@souk/testing/nats';
import { z } from 'zod';
import { createLog } from '../../log/log.ts';
import { Calls } from '../../rpc/calls.ts';
import type { CallContext, Served } from '../../rpc/decorators.ts';
import { RpcServer } from '../../rpc/rpc-server.ts';
import { Rpc } from '../../rpc/rpc.ts';
import { link } from './testing/link.ts';

const Poison = z.object({ poison: z.boolean() });
const ask = request('souk.spec.v1.ask', { input: Poison, output: z.object({ by: z.number() }), timeoutMs: 600_000 });
const follow = stream('souk.spec.v1.follow', { input: Poison, item: z.object({ by: z.number() }), timeoutMs: 600_000 });
const happened = event('souk.event.v1.spec', Poison);
type Input = z.infer<typeof Poison>;

let nats: NatsServer | undefined;

beforeAll(async () => {
  if (natsProgram() !== undefined) nats = await NatsServer.start();
});
afterAll(() => nats?.[Symbol.asyncDispose]());

/** One instance of a service on a cable of its own; its handlers do what the test says. */
async function instance(handlers: readonly (readonly [Served, MessageHandler])[]): Promise<AsyncDisposable & { cable: Cable; lines: string[] }> {
  const cable = await Cable.to(nats?.port ?? 0);
  const { connection } = await link(cable.port);
  const lines: string[] = [];
  const log = createLog({ destination: { write: (line) => void lines.push(line) } });
  const server = new RpcServer({ connection, log, noteCall: () => {}, noteDropped: () => {}, ordinal: 0, aliveMs: 100, eventMs: 50 });
  for (const [served, handler] of handlers) server.addHandler(served.contract.subject, handler, false, { served });
  await new Promise<void>((resolve) => server.listen(resolve));
  const dispose = async (): Promise<void> => {
    server.close();
    await connection.close();
    await cable[Symbol.asyncDispose]();
  };
  return { cable, lines, [Symbol.asyncDispose]: dispose };
}

/** A caller that gives up a call when nothing was heard of its server five times `aliveMs`. */
async function caller(aliveMs = 60_000): Promise<AsyncDisposable & { rpc: Rpc }> {
  const { connection } = await link(nats?.port ?? 0, { name: 'caller' });
  const calls = new Calls(connection, { aliveMs });
  const dispose = async (): Promise<void> => {
    calls.close();
    await connection.close();
  };
  return { rpc: new Rpc(calls, createLog({ level: 'silent' }), () => {}), [Symbol.asyncDispose]: dispose };
}

const forever = (): Promise<never> => new Promise<never>(() => {});

natsTest('an event that wedges its handler is given up and named in the log, and the next ones are heard', async () => {
  const heard: boolean[] = [];
  const aborted = Promise.withResolvers<unknown>();
  const next = Promise.withResolvers<void>();
  const hear = ({ poison }: Input, { signal }: CallContext): Promise<void> => {
    heard.push(poison);
    if (!poison) return Promise.resolve(next.resolve());
    signal.addEventListener('abort', () => aborted.resolve(signal.reason));
    return forever();
  };
  await using service = await instance([[{ contract: happened }, hear as MessageHandler]]);
  await using other = await caller();
  for (const poison of [true, true, false]) await other.rpc.emit(happened, { poison });
  await next.promise;
  expect(heard).toEqual([true, true, false]);
  expect(await aborted.promise).toMatchObject({ code: 'TIMEOUT' });
  expect(service.lines.filter((line) => line.includes('An event was not handled'))).toHaveLength(2);
});

natsTest('a request that wedges its handler costs its own caller its time, and nobody else', async () => {
  let wedged = 0;
  const answer = ({ poison }: Input): Promise<unknown> => (poison ? ((wedged += 1), forever()) : Promise.resolve({ by: 0 }));
  await using _service = await instance([[{ contract: ask }, answer as MessageHandler]]);
  await using other = await caller();
  const poisoned = Promise.allSettled(Array.from({ length: 20 }, () => other.rpc.call(ask, { poison: true }, { timeoutMs: 100 })));
  expect(await Promise.all(Array.from({ length: 20 }, () => other.rpc.call(ask, { poison: false })))).toEqual(Array(20).fill({ by: 0 }));
  for (const outcome of await poisoned) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'TIMEOUT' } });
  expect(wedged).toBe(20);
});

natsTest('a message that kills whoever gets it is not handed to the next instance: its caller is told, the others go on', async () => {
  let killed = 0;
  const instances: { cable: Cable }[] = [];
  const handlersOf = (by: number): readonly (readonly [Served, MessageHandler])[] => {
    const die = (): Promise<never> => {
      killed += 1;
      instances[by]?.cable.cut();
      return forever();
    };
    async function* items({ poison }: Input): AsyncGenerator<unknown> {
      yield poison ? await die() : { by };
    }
    return [
      [{ contract: ask }, (({ poison }: Input) => (poison ? die() : Promise.resolve({ by }))) as MessageHandler],
      [{ contract: follow, endless: false }, ((input: Input) => Promise.resolve(items(input))) as never],
    ];
  };
  await using one = await instance(handlersOf(0));
  await using two = await instance(handlersOf(1));
  await using three = await instance(handlersOf(2));
  instances.push(one, two, three);
  await using other = await caller();
  await using hasty = await caller(400);
  const died = { code: 'UNAVAILABLE', message: expect.stringContaining('died') };
  await expect(hasty.rpc.call(ask, { poison: true })).rejects.toMatchObject(died);
  expect(killed).toBe(1);
  await expect(hasty.rpc.stream(follow, { poison: true }).next()).rejects.toMatchObject(died);
  expect(killed).toBe(2);
  expect(await other.rpc.call(ask, { poison: false })).toEqual({ by: expect.any(Number) });
  for await (const item of other.rpc.stream(follow, { poison: false })) expect(item).toEqual({ by: expect.any(Number) });
});

natsTest('whatever a handler throws is answered, and the next request too', async () => {
  const thrown = [undefined, null, 0, 'text', { code: 'VERSION_EXISTS' }, Object.create(null), new Proxy({}, { get: () => 1 })];
  let at = 0;
  const fail = (): Promise<never> => Promise.reject(thrown[at++] as Error);
  await using _service = await instance([[{ contract: ask }, fail as MessageHandler]]);
  await using other = await caller();
  for (const _one of thrown) await expect(other.rpc.call(ask, { poison: true })).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(at).toBe(thrown.length);
});
