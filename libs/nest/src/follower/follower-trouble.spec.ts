import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MessageHandler } from '@nestjs/microservices';
import { event, request } from '@souk/contracts';
import { natsProgram, NatsServer, natsTest } from '@souk/testing/nats';
import { troubled } from '@souk/testing/trouble';
import { z } from 'zod';
import { Readiness } from '../health/readiness.ts';
import { silentLog } from '../log/log.ts';
import { Calls } from '../rpc/calls.ts';
import type { Served } from '../rpc/decorators.ts';
import { RpcServer } from '../rpc/rpc-server.ts';
import { Rpc } from '../rpc/rpc.ts';
import type { Connection } from '../transport/connection.ts';
import { InProcessBroker } from '../transport/in-process-broker.ts';
import { connectTransport } from '../transport/transport.ts';
import { Follower } from './follower.ts';

const entry = z.object({ arrival: z.number(), name: z.string(), version: z.number() });
type Entry = z.infer<typeof entry>;
const changes = request('souk.spec.v1.changes', { input: z.object({ after: z.number() }), output: z.object({ entries: z.array(entry), caughtUp: z.boolean() }), timeoutMs: 10_000 });
const moved = event('souk.event.v1.spec', entry);
const page = 7;

let server: NatsServer | undefined;

beforeAll(async () => {
  if (natsProgram() !== undefined) server = await NatsServer.start();
});
afterAll(() => server?.[Symbol.asyncDispose]());

async function serve(connection: Connection, served: Served, handler: MessageHandler): Promise<RpcServer> {
  const rpcServer = new RpcServer({ connection, log: silentLog, noteCall: () => {}, noteDropped: () => {}, ordinal: 0 });
  rpcServer.addHandler(served.contract.subject, handler, false, { served });
  await new Promise<void>((resolve) => rpcServer.listen(resolve));
  return rpcServer;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const apply = (state: Map<string, number>, { name, version }: Entry): unknown => state.set(name, version);

/** A log that is written while a projection follows it by events that get lost, doubled and reordered on their way. */
async function converges(connect: () => Promise<Connection>, seed: number): Promise<{ naive: boolean; trouble: number }> {
  let trouble = 0;
  const writer = await connect();
  const reader = troubled(await connect(), { seed, drop: 0.3, duplicate: 0.2, reorder: 0.3, note: () => (trouble += 1) });
  const log: Entry[] = [];
  const writing = await serve(writer, { contract: changes }, ({ after }: { after: number }) =>
    Promise.resolve({ entries: log.slice(after, after + page), caughtUp: after + page >= log.length }),
  );
  const [projected, naive] = [new Map<string, number>(), new Map<string, number>()];
  const [writersCalls, readersCalls] = [new Calls(writer), new Calls(reader)];
  const [told, asked] = [new Rpc(writersCalls, silentLog, () => {}), new Rpc(readersCalls, silentLog, () => {})];
  const follower = new Follower({
    name: 'spec',
    condition: new Readiness().condition('caught up'),
    log: silentLog,
    idleMs: 20,
    step: async (cursor, signal) => {
      const { entries, caughtUp } = await asked.call(changes, { after: cursor }, { signal });
      for (const one of entries) apply(projected, one);
      return { next: cursor + entries.length, caughtUp };
    },
  });
  const hearing = await serve(reader, { contract: moved }, (news: Entry) => {
    apply(naive, news);
    follower.poke();
    return Promise.resolve();
  });
  follower.start();
  const truth = new Map<string, number>();
  for (let arrival = 1; arrival <= 200; arrival += 1) {
    const one = { arrival, name: `p${arrival % 5}`, version: arrival };
    log.push(one);
    apply(truth, one);
    await told.emit(moved, one);
    // Now fast, now slowly enough to be read one by one: then the loss of the last event is felt.
    if (arrival > 190) for (let trip = 0; trip < 3; trip += 1) await asked.call(changes, { after: 0 });
    else if (arrival % 10 === 0) await turn();
  }
  const same = (state: Map<string, number>): boolean => [...truth].every(([name, version]) => state.get(name) === version);
  while (!same(projected) || follower.cursor < log.length) await turn();
  expect(projected).toEqual(truth);
  const outcome = { naive: same(naive), trouble };
  await follower.onApplicationShutdown();
  for (const one of [writersCalls, readersCalls, writing, hearing]) one.close();
  await Promise.all([writer.close(), reader.close()]);
  return outcome;
}

/** The projection that follows converges for every seed; one that believed the events would not. */
async function check(open: () => () => Promise<Connection>): Promise<void> {
  const outcomes = [];
  for (let seed = 1; seed <= 10; seed += 1) outcomes.push(await converges(open(), seed));
  expect(outcomes.filter(({ naive }) => naive).length).toBeLessThan(10);
  for (const { trouble } of outcomes) expect(trouble).toBeGreaterThan(20);
}

test('a projection converges although events are lost, doubled and reordered in process', () =>
  check(() => {
    const broker = new InProcessBroker();
    return () => Promise.resolve(broker.connect({ name: 'spec' }));
  }));

natsTest('a projection converges although events are lost, doubled and reordered over NATS', () =>
  check(() => () => connectTransport({ type: 'nats', servers: [{ host: '127.0.0.1', port: server?.port ?? 0 }] }, { name: 'spec' })),
);
