import { setTimeout as wait } from 'node:timers/promises';
import { AskedProcess } from '../parts/asked-process.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import type { LookupNetworkProcess } from './lookup-network.ts';

const rttMs = 50;
const superPeers = 8;
const leasedCids = 1_000_000;
/** For the largest network: all its nodes are in one process, because the delay is put between nodes of one. */
const heapMiB = 12_288;

// Beside this file as source and compiled.
const script = new URL(import.meta.url.endsWith('.ts') ? './lookup-network.ts' : './lookup-network.js', import.meta.url);

async function setup(leaves: number, bench: Bench): Promise<Trial> {
  const network = new AskedProcess<LookupNetworkProcess>(bench, script, [], [`--max-old-space-size=${heapMiB}`]);
  const cids = bench.quick ? leasedCids / 100 : leasedCids;
  bench.say(`starting ${leaves} leaves that lease ${cids} cids`);
  await network.ask('start', { leaves, supers: superPeers, cids, delayMs: rttMs / 2 });
  const within: number[] = [];
  return {
    warmedUp: () => void within.splice(0),
    run: async (iteration) => void within.push(await network.ask('lookup', iteration)),
    baseline: () => wait(rttMs),
    notes: () => [
      `${leaves} real leaves, each linked to two of ${superPeers} super-peers that know ${cids} leased cids; each lookup by another leaf of another cid while there are such, no cache; simulated links of ${rttMs} ms round trip, all nodes in one process`,
      `p95 ${(within.toSorted((a, b) => a - b)[Math.floor(within.length * 0.95)] ?? 0).toFixed(1)} ms without the question to that process; a cid has one provider, so that a second super-peer is asked each time, behind the answer; the dial to the provider is no part of it`,
    ],
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
