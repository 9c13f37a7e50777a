import { setTimeout as wait } from 'node:timers/promises';
import { startLookupNetwork } from '../lookup/super-lookup.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { rawConnection } from './raw-connection.ts';

const superPeers = 2;
/** Blobs that each leaf has. */
const cidsEach = 1000;

async function setup({ peers, rttMs }: Size, bench: Bench): Promise<Trial> {
  const leaves = peers - superPeers;
  const { network, note } = await startLookupNetwork({ leaves, supers: superPeers, rttMs, cids: leaves * cidsEach }, bench);
  return {
    run: async (iteration) => [(await network.ask('newcomer', iteration)) * 1e6],
    baseline: () => (rttMs === 0 ? rawConnection() : wait(rttMs)),
    notes: () => [note, 'a new leaf each time, with a key of its own, told of the two super-peers by address; what it asks for another leaf has; its process runs already'],
    teardown: () => network.stop(),
  };
}

/** How many peers there are, two super-peers among them, and how long a message takes there and back: 0 for TCP on loopback. */
interface Size {
  readonly peers: number;
  readonly rttMs: number;
}

function scenarioOf(size: Size): Scenario {
  const { peers, rttMs } = size;
  const far = rttMs > 0;
  return {
    name: `discovery/${peers}${far ? `-at-${rttMs}-ms` : ''}`,
    unit: 'ms',
    measures: `A new leaf joins ${peers} peers ${far ? `at ${rttMs} ms round trip` : 'on loopback'}: from starting its node until its first lookup has found who has a blob.`,
    target: 2000,
    goal: far ? 6.6 * rttMs + 50 : 300,
    baseline: far ? 'one round trip' : 'a TCP connection and one byte each way',
    repetitions: { recorded: 100, warmUp: 10 },
    quick: { recorded: 10, warmUp: 2 },
    setup: (bench) => setup(size, bench),
  };
}

/** How soon a new peer is of use. */
export const discovery: readonly Scenario[] = [...[5, 10, 20, 50].map((peers) => scenarioOf({ peers, rttMs: 0 })), scenarioOf({ peers: 50, rttMs: 50 })];
