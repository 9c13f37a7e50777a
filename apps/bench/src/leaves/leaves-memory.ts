import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { openLogStore } from '@souk/store';
import { author } from '@souk/testing/builders';
import { AskedProcess } from '../parts/asked-process.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, ValueTrial } from '../runner/scenario.ts';
import { bareProcesses } from './bare-processes.ts';
import { blobsOfLeaf, lookupsOfLeaf, publisherOfLeaf } from './leaf-acts.ts';
import type { LeafHost, Minute } from './leaf-host.ts';
import type { SuperHost } from './super-host.ts';

const superPeers = 16;
const supersOfProcess = 4;
/** Records that each publisher has when the network is as old as it is at the start: two of its root, one of its device. */
const recordsBefore = 3;

// Beside this file as source and compiled.
const scriptNamed = (name: string): URL => new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** The logs that every peer of the network holds already: those of the leaves' publishers, without a release. */
async function commonLogs(folder: string, leaves: number, bench: Bench): Promise<void> {
  const logs = await openLogStore(folder);
  for (let leaf = 0; leaf < leaves; leaf += 100) {
    bench.signal.throwIfAborted();
    await logs.append(Array.from({ length: Math.min(100, leaves - leaf) }, (_, at) => author(publisherOfLeaf(leaf + at)).records).flat());
  }
  await logs.close();
}

interface Network {
  readonly supers: readonly AskedProcess<SuperHost>[];
  readonly hosts: readonly AskedProcess<LeafHost>[];
  readonly addresses: readonly string[];
}

async function startNetwork(leaves: number, processes: number, bench: Bench): Promise<Network> {
  const place = join(bench.scratch, `leaves-${leaves}`);
  const common = join(place, 'common');
  bench.say('writing the logs that everybody holds');
  await commonLogs(common, leaves, bench);
  const copied = async (name: string): Promise<string> => {
    await cp(common, join(place, name), { recursive: true });
    return join(place, name);
  };
  const supers: AskedProcess<SuperHost>[] = [];
  for (let at = 0; at < superPeers; at += supersOfProcess) {
    const folders = await Promise.all(Array.from({ length: supersOfProcess }, (_, one) => copied(`super-${at + one}`)));
    supers.push(new AskedProcess<SuperHost>(bench, scriptNamed('super-host'), folders));
  }
  const addresses = (await Promise.all(supers.map((one) => one.ask('addresses', undefined)))).flat();
  await Promise.all(supers.map((one) => one.ask('join', addresses)));
  bench.say('putting blobs into the stores of the leaves');
  const hosts: AskedProcess<LeafHost>[] = [];
  for (let at = 0; at < processes; at += 1) {
    await copied(join(`host-${at}`, 'logs'));
    hosts.push(new AskedProcess<LeafHost>(bench, scriptNamed('leaf-host'), [join(place, `host-${at}`)]));
  }
  const count = leaves / processes;
  await Promise.all(hosts.map((one, at) => one.ask('prepare', { from: at * count, count, total: leaves, supers: addresses })));
  return { supers, hosts, addresses };
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
const pssOf = async (processes: readonly AskedProcess<never>[]): Promise<number> => sum(await Promise.all(processes.map((one) => one.pssMiB())));

/** Processor time of processes so far, in milliseconds. */
const processorTime = async (processes: readonly (AskedProcess<LeafHost> | AskedProcess<SuperHost>)[]): Promise<number> => sum(await Promise.all(processes.map((one) => (one as AskedProcess<LeafHost>).ask('cpu', undefined))));

/** Throws unless every leaf did everything. */
function requireAll(minutes: readonly Minute[], leaves: number): void {
  const done = [minutes.map((one) => one.releases), minutes.map((one) => one.lookups), minutes.map((one) => one.fetches)].map(sum);
  const failures = minutes.flatMap((one) => one.failures);
  if (failures.length > 0 || done.join() !== [leaves, leaves * lookupsOfLeaf, leaves].join()) throw new Error(`of what ${leaves} leaves had to do only ${done[0]} releases, ${done[1]} lookups and ${done[2]} fetches succeeded: ${failures.slice(0, 3).join('; ')}`);
}

async function setup({ leaves, processes, minutes }: Size, bench: Bench): Promise<ValueTrial> {
  const network = await startNetwork(leaves, processes, bench);
  const { supers, hosts } = network;
  const everybody = [...supers, ...hosts] as unknown as AskedProcess<never>[];
  const notes: string[] = [];
  const join = async (): Promise<void> => {
    bench.say('joining');
    const since = performance.now();
    await Promise.all(hosts.map((one) => one.ask('join', undefined)));
    const linkedMs = performance.now() - since;
    await Promise.all(supers.map((one) => one.ask('indexed', { leases: leaves + superPeers, pairs: leaves * blobsOfLeaf })));
    const ms = performance.now() - since;
    notes.push(`joined at ${((leaves / ms) * 1000).toFixed(1)} leaves/s, until all ${superPeers} super-peers had all leases; ${((leaves / linkedMs) * 1000).toFixed(1)} leaves/s until each had its two links`);
  };
  const minute = async (): Promise<void> => {
    bench.say(`the measured time: ${minutes} min`);
    const before = [await processorTime(hosts), await processorTime(supers)] as const;
    const since = performance.now();
    const done = await Promise.all(hosts.map((one) => one.ask('minute', minutes * 60_000)));
    requireAll(done, leaves);
    const actedMs = performance.now() - since;
    await Promise.all(supers.map((one) => one.ask('hold', leaves * (recordsBefore + 1))));
    const ms = performance.now() - since;
    const [ofHosts, ofSupers] = [(await processorTime(hosts)) - before[0], (await processorTime(supers)) - before[1]];
    notes.push(`processor time of it: ${(ofHosts / leaves).toFixed(1)} ms by leaf in the processes of leaves, ${(ofSupers / leaves).toFixed(1)} in those of super-peers; ${((ofHosts + ofSupers) / ms).toFixed(2)} cores busy`);
    const worst = (of: (one: Minute['lookupMs']) => number): string => Math.max(...done.map((one) => of(one.lookupMs))).toFixed(1);
    notes.push(`every leaf published one release, looked up ${lookupsOfLeaf} cids of other processes' leaves by super-peers and fetched a blob of one: in ${(actedMs / 1000).toFixed(1)} s, and every super-peer had every release after ${(ms / 1000).toFixed(1)} s`);
    notes.push(`lookups meanwhile: p50 ${worst((one) => one.p50)}, p95 ${worst((one) => one.p95)}, p99 ${worst((one) => one.p99)} ms in the slowest process`);
  };
  return {
    value: async () => {
      const idle = [await pssOf(hosts as never), await pssOf(supers as never)] as const;
      await join();
      await minute();
      const [ofHosts, ofSupers] = [await pssOf(hosts as never), await pssOf(supers as never)];
      const heaps = [await Promise.all(hosts.map((one) => one.ask('heap', undefined))), await Promise.all(supers.map((one) => one.ask('heap', undefined)))] as const;
      const perEnd = heaps.map((some) => (sum(some.map((one) => one.bytes)) / sum(some.map((one) => one.ends)) / 1024).toFixed(1));
      notes.push(`PSS: ${ofHosts.toFixed(0)} MiB in ${hosts.length} processes of leaves (${idle[0].toFixed(0)} before they were started), ${ofSupers.toFixed(0)} MiB in ${supers.length} of super-peers (${idle[1].toFixed(0)} before)`);
      notes.push(`heap in use by connection end: ${perEnd[0]} KiB with a leaf's half of everything else at the leaves, ${perEnd[1]} KiB at the super-peers, their share of the index, logs and leases included`);
      return ofHosts + ofSupers;
    },
    baseline: () => bareProcesses(everybody.length),
    notes: () => notes,
    teardown: async () => void (await Promise.all(everybody.map((one) => one.stop()))),
  };
}

/** How many leaves, in how many processes, and how long they have for what each does: more leaves than two cores can serve in one minute have more. */
interface Size {
  readonly leaves: number;
  readonly processes: number;
  readonly minutes: number;
}

function scenarioOf(size: Size, goal?: number): Scenario {
  const { leaves, minutes } = size;
  return {
    name: `leaves-memory/${leaves}`,
    unit: 'MiB',
    measures: `PSS of all processes of ${leaves} live leaves and ${superPeers} super-peers (${supersOfProcess} a process) at the end of ${minutes} min in which each leaf published, looked up and fetched; any failure voids it.`,
    better: 'less',
    ...(goal === undefined ? {} : { goal }),
    baseline: 'as many bare Node processes',
    setup: (bench) => setup(size, bench),
  };
}

/** What many live leaves take. */
export const leavesMemory: readonly Scenario[] = [scenarioOf({ leaves: 200, processes: 2, minutes: 1 }), scenarioOf({ leaves: 1000, processes: 2, minutes: 1 }), scenarioOf({ leaves: 10_000, processes: 4, minutes: 10 }, 4608)];
