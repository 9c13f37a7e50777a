import { afterAll, beforeAll, expect } from '@jest/globals';
import type { MessageHandler } from '@nestjs/microservices';
import { request, stream } from '@souk/contracts';
import { Cable, natsProgram, NatsServer, natsTest, natsTestSince } from '@souk/testing/nats';
import { z } from 'zod';
import { silentLog } from '../../log/log.ts';
import { Calls } from '../../rpc/calls.ts';
import type { Served } from '../../rpc/decorators.ts';
import { RpcServer } from '../../rpc/rpc-server.ts';
import { Rpc } from '../../rpc/rpc.ts';
import { link, type Link } from './testing/link.ts';

const who = request('souk.spec.v1.who', { input: z.object({ wait: z.boolean() }), output: z.object({ replica: z.number() }), timeoutMs: 600_000 });
const follow = stream('souk.spec.v1.follow', { input: z.object({}), item: z.object({ replica: z.number() }), timeoutMs: 600_000 });
/** Short, so that nobody waits long for the death of a replica; a busy machine still gives five of them. */
const aliveMs = 100;

let server: NatsServer | undefined;

beforeAll(async () => {
  if (natsProgram() !== undefined) server = await NatsServer.start();
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** One of several instances of a service, on a cable of its own. */
interface Replica extends AsyncDisposable {
  readonly cable: Cable;
  /** Resolves when a call that waits has begun here. */
  readonly began: Promise<void>;
}

async function replica(number: number, port = server?.port ?? 0): Promise<Replica> {
  const cable = await Cable.to(port);
  const { connection } = await link(cable.port);
  const began = Promise.withResolvers<void>();
  const rpcServer = new RpcServer({ connection, log: silentLog, noteCall: () => {}, noteDropped: () => {}, ordinal: 0, aliveMs });
  const forever = (): Promise<never> => (began.resolve(), new Promise<never>(() => {}));
  async function* items(): AsyncGenerator<{ replica: number }> {
    yield { replica: number };
    await forever();
  }
  const handlers: (readonly [Served, MessageHandler])[] = [
    [{ contract: who }, ({ wait }: { wait: boolean }) => (wait ? forever() : Promise.resolve({ replica: number }))],
    [{ contract: follow, endless: true }, () => Promise.resolve(items()) as never],
  ];
  for (const [served, handler] of handlers) rpcServer.addHandler(served.contract.subject, handler, false, { served });
  await new Promise<void>((resolve) => rpcServer.listen(resolve));
  const dispose = async (): Promise<void> => {
    rpcServer.close();
    await connection.close();
    await cable[Symbol.asyncDispose]();
  };
  return { cable, began: began.promise, [Symbol.asyncDispose]: dispose };
}

interface Caller extends AsyncDisposable {
  readonly rpc: Rpc;
  readonly link: Link;
}

async function caller(port = server?.port ?? 0): Promise<Caller> {
  const own = await link(port, { name: 'caller' });
  const calls = new Calls(own.connection, { aliveMs });
  const dispose = async (): Promise<void> => {
    calls.close();
    await own[Symbol.asyncDispose]();
  };
  return { rpc: new Rpc(calls, silentLog, () => {}), link: own, [Symbol.asyncDispose]: dispose };
}

/** Two replicas and a caller; one replica gets a call that never ends, and then dies in the way that is given. */
async function killInMidRequest(kill: (cable: Cable) => void, port?: number): Promise<void> {
  await using one = await replica(0, port);
  await using other = await replica(1, port);
  await using asking = await caller(port);
  const died = { code: 'UNAVAILABLE', message: expect.stringContaining('died'), hint: expect.stringContaining('Try again') };
  const outcome = asking.rpc.call(who, { wait: true }).catch((error: unknown) => error);
  const victim = await Promise.race([one, other].map((each) => each.began.then(() => each)));
  kill(victim.cable);
  expect(await outcome).toMatchObject(died);
  const survivor = victim === one ? 1 : 0;
  for (let answered = 0; answered < 20; ) {
    const answer = await asking.rpc.call(who, { wait: false }).catch((error: unknown) => error);
    if ((answer as { code?: string }).code === 'UNAVAILABLE') answered = 0;
    else expect([(answered += 1), answer]).toEqual([answered, { replica: survivor }]);
  }
}

natsTest('a replica that dies in the middle of a call costs that call; the next ones are served by the other', () => killInMidRequest((cable) => cable.cut()));

// Before 2.10 a server takes what it sends for a sign of life of whoever should receive it.
natsTestSince(10)('a replica that hangs costs the calls that it gets, until NATS gives it up; the next ones are served by the other', async () => {
  await using impatient = await NatsServer.start({ config: 'ping_interval: "1s"\nping_max: 2' });
  await killInMidRequest((cable) => cable.freeze(), impatient.port);
});

/** The item of a stream that never comes. */
async function secondItem(rpc: Rpc): Promise<unknown> {
  const items = rpc.stream(follow, {});
  await items.next();
  return items.next();
}

natsTest('a stream whose replica dies is UNAVAILABLE, and goes on at another one when it is asked for again', async () => {
  await using one = await replica(0);
  await using other = await replica(1);
  await using asking = await caller();
  const first = asking.rpc.stream(follow, {});
  const { value } = await first.next();
  const index = (value as { replica: number }).replica;
  [one, other][index]?.cable.cut();
  await expect(first.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await asking.rpc.stream(follow, {}).next()).toMatchObject({ value: { replica: 1 - index } });
});

natsTest('calls in flight when NATS is killed fail at once and typed, and work again without a restart of anybody', async () => {
  await using nats = await NatsServer.start();
  await using one = await replica(0, nats.port);
  await using asking = await caller(nats.port);
  const { rpc } = asking;
  const outcomes = Promise.allSettled([rpc.call(who, { wait: true }), rpc.call(who, { wait: true }), secondItem(rpc)]);
  await one.began;
  await nats.stop('SIGKILL');
  for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE', message: expect.stringContaining('not connected to NATS') } });
  await expect(rpc.call(who, { wait: false })).rejects.toMatchObject({ code: 'UNAVAILABLE', hint: expect.stringContaining('connects again by itself') });
  await nats.restart();
  const answers = async (): Promise<boolean> => (await rpc.call(who, { wait: false }).catch(() => undefined))?.replica === 0;
  while (!(await answers())) await new Promise((resolve) => setImmediate(resolve));
});
