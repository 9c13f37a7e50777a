import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobFacts } from '@souk/testing';
import type { SuperHost } from '../leaves/super-host.ts';
import { AskedProcess } from '../parts/asked-process.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, ValueTrial } from '../runner/scenario.ts';
import { rawStream } from '../sync/raw-stream.ts';
import type { Fetched, SwarmHost } from './swarm-host.ts';

const blobBytes = 16 * 2 ** 20;
/** Beyond this many downloaders another process shares the work. */
const inOneProcess = 10;
const processes = 2;
const superPeers = 2;

// Beside this file as source and compiled.
const scriptNamed = (path: string): URL => new URL(`${path}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

interface Swarm {
  readonly supers: AskedProcess<SuperHost>;
  readonly provider: AskedProcess<SwarmHost>;
  readonly downloaders: readonly AskedProcess<SwarmHost>[];
}

async function startSwarm(count: number, bench: Bench): Promise<Swarm> {
  const place = join(bench.scratch, `swarm-${count}`);
  const folders = Array.from({ length: superPeers }, (_, at) => join(place, `super-${at}`));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  const supers = new AskedProcess<SuperHost>(bench, scriptNamed('../leaves/super-host'), folders);
  const addresses = await supers.ask('addresses', undefined);
  await supers.ask('join', addresses);
  const hosts = Array.from({ length: count > inOneProcess ? processes : 1 }, (_, at) => new AskedProcess<SwarmHost>(bench, scriptNamed('./swarm-host'), [join(place, `downloaders-${at}`)]));
  const provider = new AskedProcess<SwarmHost>(bench, scriptNamed('./swarm-host'), [join(place, 'provider')]);
  const connections = count + 16;
  await provider.ask('start', { from: count, count: 1, supers: addresses, connections });
  const each = count / hosts.length;
  await Promise.all(hosts.map((host, at) => host.ask('start', { from: at * each, count: each, supers: addresses, connections })));
  return { supers, provider, downloaders: hosts };
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
const megabytesPerSecond = (bytes: number, ms: number): number => bytes / 1000 / ms;

/** Has everybody fetch a new blob at once; resolves when all have it. */
async function round({ supers, provider, downloaders }: Swarm, number: number): Promise<{ readonly facts: BlobFacts; readonly ms: number; readonly fetched: readonly Fetched[] }> {
  const facts = await provider.ask('keep', { name: `swarm ${number}`, bytes: blobBytes });
  await supers.ask('know', { cid: facts.cid, providers: 1 });
  const since = performance.now();
  const fetched = (await Promise.all(downloaders.map((host) => host.ask('fetch', facts)))).flat();
  return { facts, ms: performance.now() - since, fetched };
}

async function setup(count: number, rounds: number, bench: Bench): Promise<ValueTrial> {
  const swarm = await startSwarm(count, bench);
  const notes: string[] = [];
  return {
    value: async () => {
      let [bytes, ms] = [0, 0];
      for (let number = 0; number < (bench.quick ? 1 : rounds); number += 1) {
        const done = await round(swarm, number);
        const sound = sum(await Promise.all(swarm.downloaders.map((host) => host.ask('check', done.facts))));
        if (sound !== count || (await swarm.provider.ask('check', done.facts)) !== 1) throw new Error(`only ${sound} of ${count} downloaders have the blob`);
        bytes += count * blobBytes;
        ms += done.ms;
        notes.push(told(done.fetched, await swarm.provider.ask('sent', undefined), count));
      }
      return megabytesPerSecond(bytes, ms);
    },
    baseline: async () => {
      const since = performance.now();
      await rawStream(count * blobBytes);
      return megabytesPerSecond(count * blobBytes, performance.now() - since);
    },
    notes: () => [`a new blob of ${blobBytes / 2 ** 20} MiB each time, from file to file, ${count} downloaders in ${swarm.downloaders.length} ${swarm.downloaders.length === 1 ? 'process' : 'processes'}, Noise and TCP on loopback; read back and hashed everywhere; up to ${count + 16} connections a peer`, ...notes],
    teardown: async () => void (await Promise.all([swarm.supers, swarm.provider, ...swarm.downloaders].map((one) => one.stop()))),
  };
}

function told(fetched: readonly Fetched[], sentByFirst: number, count: number): string {
  const times = fetched.map((one) => one.ms).toSorted((a, b) => a - b);
  const several = fetched.filter((one) => one.providers > 1).length;
  const seconds = (ms: number | undefined): string => ((ms ?? 0) / 1000).toFixed(2);
  return `the quickest had it after ${seconds(times[0])} s, half of them after ${seconds(times[Math.floor(times.length / 2)])}, the last after ${seconds(times.at(-1))}; ${several} from several peers; ${((100 * sentByFirst) / (count * blobBytes)).toFixed(0)} % of the bytes came from the first provider`;
}

function scenarioOf(count: number, rounds: number): Scenario {
  return {
    name: `swarm/${count}-downloaders`,
    unit: 'MB/s',
    measures: `${count === 1 ? 'A peer fetches' : `${count} peers fetch`} a blob of 16 MiB at once that one peer has at first: bytes received by all, by the time until the last has it on disk.`,
    better: 'more',
    baseline: 'the same bytes over one TCP connection',
    setup: (bench) => setup(count, rounds, bench),
  };
}

/** How fast a blob spreads. */
export const swarm: readonly Scenario[] = [scenarioOf(1, 5), scenarioOf(10, 3), scenarioOf(100, 1)];
