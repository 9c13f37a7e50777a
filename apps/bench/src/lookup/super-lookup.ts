import { setTimeout as wait } from 'node:timers/promises';
import { AskedProcess } from '../parts/asked-process.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import type { LookupNetworkProcess } from './lookup-network.ts';

const rttMs = 50;
const superPeers = 8;
const allCids = 1_000_000;
/** For the largest network: all its nodes are in one process, because the delay is put between nodes of one. */
const heapMiB = 12_288;

// Beside this file as source and compiled.
const script = new URL(import.meta.url.endsWith('.ts') ? './lookup-network.ts' : './lookup-network.js', import.meta.url);

/** A network of leaves and super-peers that is to be started. */
export interface WantedNetwork {
  readonly leaves: number;
  /** How long a message takes there and back, in milliseconds; 0 for TCP on loopback. */
  readonly rttMs: number;
  readonly cids: number;
  readonly supers?: number;
}

/** Cids that the leaves of a network lease together, about. */
export const leasedCids = (bench: Bench): number => (bench.quick ? allCids / 100 : allCids);

/** Starts leaves and super-peers in a process of their own, and says what a reader must know about them. */
export async function startLookupNetwork({ leaves, rttMs: rtt, cids: about, supers = superPeers }: WantedNetwork, bench: Bench): Promise<{ readonly network: AskedProcess<LookupNetworkProcess>; readonly note: string }> {
  const network = new AskedProcess<LookupNetworkProcess>(bench, script, [], [`--max-old-space-size=${heapMiB}`]);
  const cids = Math.ceil(about / leaves) * leaves;
  bench.say(`starting ${leaves} leaves that lease ${cids} cids`);
  const since = performance.now();
  await network.ask('start', { leaves, supers, cids, delayMs: rtt / 2, ...(rtt === 0 ? { over: 'tcp' as const } : {}) });
  const links = rtt === 0 ? 'TCP on loopback' : `simulated links of ${rtt} ms round trip`;
  const note = `${leaves} real leaves, each linked to two of ${supers} super-peers that know ${cids} leased cids, all in one process, ready after ${((performance.now() - since) / 1000).toFixed(0)} s; ${links}; no cache; links are pinged each 10 min instead of 15 s`;
  return { network, note };
}

async function setup(leaves: number, bench: Bench): Promise<Trial> {
  const { network, note } = await startLookupNetwork({ leaves, rttMs, cids: leasedCids(bench) }, bench);
  return {
    run: async (iteration) => [(await network.ask('lookup', iteration)) * 1e6],
    baseline: () => wait(rttMs),
    notes: () => [note, 'each lookup by another leaf of another cid while there are such; a cid has one provider, so that a second super-peer is asked each time, behind the answer; the dial to the provider is no part of it'],
    teardown: () => network.stop(),
  };
}

function scenarioOf(leaves: number): Scenario {
  return {
    name: `super-lookup/${leaves}`,
    unit: 'ms',
    measures: `A leaf of ${leaves} asks super-peers at ${rttMs} ms round trip who has a blob, until it has the answer.`,
    target: 500,
    goal: 1.3 * rttMs,
    baseline: 'one round trip',
    repetitions: { recorded: 500, warmUp: 20 },
    quick: { recorded: 20, warmUp: 2 },
    setup: (bench) => setup(leaves, bench),
  };
}

/** What a lookup costs that super-peers answer, by the size of the network. */
export const superLookup: readonly Scenario[] = [10, 100, 1000, 10_000].map(scenarioOf);
