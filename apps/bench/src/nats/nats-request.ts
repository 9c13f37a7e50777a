import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { nearestNames } from '@souk/contracts';
import { bootstrap, Rpc, silentLog, type RunningService } from '@souk/nest';
import { NatsServer, rawRequests, type RawRequests } from '@souk/testing/nats-server';
import { topFolder } from '../parts/places.ts';
import { poll } from '../parts/poll.ts';
import type { Bench } from '../runner/bench.ts';
import { LatencyRecorder, type Figures } from '../runner/latency-recorder.ts';
import type { ValueScenario, ValueTrial } from '../runner/scenario.ts';
import { withAwakeCores } from './awake-cores.ts';

const full = { recorded: 10_000, warmUp: 2000 };
const quick = { recorded: 1000, warmUp: 200 };
const startMs = 30_000;
const stopMs = 10_000;

/** The search service as a process of its own, bundled as it is started by `npm run services`; its index is empty. */
async function startSearch(bench: Bench, natsUrl: string): Promise<void> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SOUK_')));
  const program = join(topFolder, 'apps/services/dist/bundle/search.mjs');
  const child = spawn(process.execPath, [program], { env: { ...env, SOUK_NATS_URL: natsUrl, SOUK_LOG_LEVEL: 'error' }, stdio: 'ignore' });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const gone = once(child, 'exit').finally(() => process.off('exit', kill));
  gone.catch(() => undefined);
  bench.atEnd(async () => {
    const timer = setTimeout(kill, stopMs);
    child.kill('SIGTERM');
    await gone.finally(() => clearTimeout(timer));
  });
}

/** A service without anything of its own: the calling side of a request. */
async function startCaller(bench: Bench, { port }: NatsServer): Promise<Rpc> {
  class Caller {}
  const transport = { type: 'nats' as const, servers: [{ host: '127.0.0.1', port }] };
  const service: RunningService = await bootstrap({ module: Caller }, { name: 'gateway', transport, log: silentLog });
  bench.atEnd(() => service.close());
  return service.app.get(Rpc);
}

async function answers(rpc: Rpc): Promise<boolean> {
  return rpc.call(nearestNames, { name: 'chalk', limit: 1 }, { timeoutMs: 1000 }).then(() => true, () => false);
}

async function timed(times: LatencyRecorder, work: () => Promise<unknown>): Promise<void> {
  const start = process.hrtime.bigint();
  await work();
  times.record(Number(process.hrtime.bigint() - start));
}

interface Both {
  readonly own: Figures;
  readonly raw: Figures;
}

async function measuredBeside(rpc: Rpc, natsUrl: string, bench: Bench): Promise<{ awake: Both; drowsy: Both }> {
  const raw = await rawRequests(natsUrl);
  try {
    const drowsy = await measured(rpc, raw, bench);
    return { drowsy, awake: await withAwakeCores(() => measured(rpc, raw, bench)) };
  } finally {
    await raw.close();
  }
}

/** Souk's requests and raw ones of the same bytes take turns. */
async function measured(rpc: Rpc, raw: RawRequests, { quick: isQuick, signal }: Bench): Promise<Both> {
  const { recorded, warmUp } = isQuick ? quick : full;
  const bytes = Buffer.from(JSON.stringify({ name: 'chalk', limit: 1 }));
  let times = { own: new LatencyRecorder(), raw: new LatencyRecorder() };
  for (let iteration = 0; iteration < warmUp + recorded; iteration++) {
    signal.throwIfAborted();
    if (iteration === warmUp) times = { own: new LatencyRecorder(), raw: new LatencyRecorder() };
    await timed(times.own, () => rpc.call(nearestNames, { name: 'chalk', limit: 1 }));
    await timed(times.raw, () => raw.request(bytes));
  }
  return { own: times.own.figures('us'), raw: times.raw.figures('us') };
}

async function setup(bench: Bench): Promise<ValueTrial> {
  const server = await NatsServer.start();
  bench.atEnd(() => server[Symbol.asyncDispose]());
  await startSearch(bench, server.url);
  const rpc = await startCaller(bench, server);
  await poll('the search service answers', startMs, bench.signal, () => answers(rpc));
  const { awake, drowsy } = await measuredBeside(rpc, server.url, bench);
  const shown = ({ n, p50, p95, p99 }: Figures): string => `n ${n}, p50 ${p50}, p95 ${p95}, p99 ${p99} us`;
  return {
    value: async () => awake.own.p50,
    baseline: async () => awake.raw.p50,
    notes: () => [
      `Souk's requests: ${shown(awake.own)}; raw ones: ${shown(awake.raw)}; one at a time, by turns; caller, NATS server and each answering side are processes of their own`,
      `with cores that may fall asleep between two steps of a request: Souk's ${shown(drowsy.own)}; raw ones: ${shown(drowsy.raw)}`,
    ],
    teardown: async () => {},
  };
}

/** What a request between two services costs. */
export const natsRequest: ValueScenario = {
  name: 'nats/request',
  unit: 'us',
  measures: 'The p50 of a request from one service to another over a real nats-server: validated, encoded, traced, answered by the search service (near names of an empty index); a process of the lowest priority keeps each core awake.',
  better: 'less',
  goal: 250,
  baseline: 'a request of the same bytes by the raw client, p50',
  setup,
};
