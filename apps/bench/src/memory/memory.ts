import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { bareProcesses } from '../leaves/bare-processes.ts';
import { inParallel } from '../parts/in-parallel.ts';
import { copyReleases } from '../restart/copy-releases.ts';
import { releaseFolder, versionsEach } from '../restart/release-folder.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, ValueTrial } from '../runner/scenario.ts';
import { MemoryProbe } from './memory-probe.ts';
import { PeerProgram, type Taken } from './peer-program.ts';

/** Peers that start at the same time: more would only wait for a core. */
const startingAtOnce = 4;
/** How long peers are left alone before they are measured, in milliseconds: time for reconciliation, and for threads that verified to end: they wait a minute for more. */
const restMs = 90_000;
const quickRestMs = 2000;

interface Size {
  readonly peers: number;
  /** Packages that every peer holds, each of four versions. */
  readonly packages: number;
}

/** Starts the peers: the first holds all packages already, the others find it and each other and take them from them. */
async function startPeers({ peers, packages }: Size, bench: Bench, started: PeerProgram[]): Promise<void> {
  const folder = (peer: number): string => join(bench.scratch, `memory-${peers}x${packages}`, `peer-${peer}`);
  if (packages > 0) await copyReleases((await releaseFolder(packages * versionsEach, bench)).path, folder(0));
  const first = await PeerProgram.start(bench, folder(0), []);
  started.push(first);
  await inParallel(Array.from({ length: peers - 1 }, (_, at) => at + 1), startingAtOnce, async (peer) => void started.push(await PeerProgram.start(bench, folder(peer), [first.address])));
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

function told(all: readonly Taken[], records: number): string[] {
  const most = (of: keyof Taken): string => Math.max(...all.map((one) => one[of])).toFixed(1);
  return [
    `by peer: PSS ${mean(all.map((one) => one.pss)).toFixed(1)} MiB, at most ${most('pss')}; RSS ${mean(all.map((one) => one.rss)).toFixed(1)}, at most ${most('rss')}; ${all.reduce((sum, one) => sum + one.pss, 0).toFixed(0)} MiB in all`,
    `bundled full peers of an open network, each a process of its own with a data folder on disk, linked to one another as they found each other; ${records} records at each`,
  ];
}

async function setup(size: Size, bench: Bench): Promise<ValueTrial> {
  const peers: PeerProgram[] = [];
  const probe = await MemoryProbe.start();
  const teardown = async (): Promise<void> => {
    await Promise.all([probe.stop(), ...peers.map((one) => one.stop())]);
  };
  const records = size.packages * versionsEach;
  let taken: Taken[] = [];
  return {
    value: async () => {
      bench.say(`starting ${size.peers} peers`);
      await startPeers(size, bench, peers);
      bench.say('asking each what it holds');
      await probe.holdAll(peers, records);
      await wait(bench.quick ? quickRestMs : restMs, undefined, { signal: bench.signal });
      taken = await Promise.all(peers.map((one) => one.taken()));
      return mean(taken.map((one) => one.pss));
    },
    baseline: async () => (await bareProcesses(size.peers)) / size.peers,
    notes: () => told(taken, records),
    teardown,
  };
}

function scenarioOf(name: string, size: Size): Scenario {
  const { peers, packages } = size;
  return {
    name,
    unit: 'MiB',
    measures: `PSS of a full peer's process, the mean of ${peers === 1 ? 'one that is alone' : `${peers} that are linked`}${packages === 0 ? '' : `, when each holds ${packages} packages of four versions`}, ${restMs / 1000} s after all held the same.`,
    better: 'less',
    target: 50,
    goal: 110,
    baseline: 'bare Node processes, as many at once',
    setup: (bench) => setup(size, bench),
  };
}

/** What the process of a full peer takes. */
export const memory: readonly Scenario[] = [
  ...[1, 10, 20, 50, 100].map((peers) => scenarioOf(`memory/${peers === 1 ? 'single' : peers}`, { peers, packages: 0 })),
  ...([[10, 100], [20, 500], [50, 1000]] as const).map(([peers, packages]) => scenarioOf(`memory-with-packages/${peers}x${packages}`, { peers, packages })),
];
