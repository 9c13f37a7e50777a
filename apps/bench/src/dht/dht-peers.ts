import { AskedProcess } from '../parts/asked-process.ts';
import { kept, type Stoppable } from '../parts/kept.ts';
import type { Bench } from '../runner/bench.ts';
import type { Repetitions } from '../runner/scenario.ts';
import type { DhtNetworkProcess } from './dht-network.ts';

/** How long a message takes there and back, in milliseconds. */
export const rttMs = 50;
/** Repetitions of a scenario of lookups: announcing a blob among many peers takes a third of a second of one core. */
export function lookupRepetitions(peers: number): { readonly repetitions: Repetitions; readonly quick: Repetitions } {
  return { repetitions: peers < 100 ? { recorded: 200, warmUp: 20 } : { recorded: 100, warmUp: 10 }, quick: { recorded: 20, warmUp: 2 } };
}

/** Lookups of one scenario, the warm-up included: the n-th scenario of a network begins with the lookup number n times that. */
export function lookupsEach(peers: number, bench: Bench): number {
  const { repetitions, quick } = lookupRepetitions(peers);
  const { recorded, warmUp } = bench.quick ? quick : repetitions;
  return recorded + warmUp;
}

/** Scenarios that look up in one network. */
const lookupScenarios = 2;
/** For a thousand peers: all of them are in one process, because the delay is put between nodes of one. */
const heapMiB = 12_288;

// Beside this file as source and compiled.
/** The script of a process with full peers. */
export const dhtScript = new URL(import.meta.url.endsWith('.ts') ? './dht-network.ts' : './dht-network.js', import.meta.url);

/** A network of full peers without super-peers, in a process of its own. */
export interface DhtPeers extends Stoppable {
  readonly process: AskedProcess<DhtNetworkProcess>;
  /** What a reader must know about it. */
  readonly note: string;
}

async function start(peers: number, bench: Bench): Promise<DhtPeers> {
  const process = new AskedProcess<DhtNetworkProcess>(bench, dhtScript, [], [`--max-old-space-size=${heapMiB}`]);
  bench.say(`starting ${peers} full peers and announcing blobs in their DHT`);
  const since = performance.now();
  const { links } = await process.ask('start', { peers, lookups: lookupScenarios * lookupsEach(peers, bench), delayMs: rttMs / 2 });
  const note = `${peers} real full peers without super-peers in one process, ${(links / peers).toFixed(1)} links each, ready after ${((performance.now() - since) / 1000).toFixed(0)} s; simulated links of ${rttMs} ms round trip; pings and self-queries each 10 min instead of 15 s and 1 min, which that many peers on one core could not do`;
  return { process, note, stop: () => process.stop() };
}

/** The full peers of that many: those that were started last, when they are as many. */
export const dhtPeers = kept(start);
