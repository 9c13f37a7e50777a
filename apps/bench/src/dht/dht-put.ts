import { setTimeout as wait } from 'node:timers/promises';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { dhtPeers, rttMs } from './dht-peers.ts';

async function setup(peers: number, bench: Bench): Promise<Trial> {
  const network = await dhtPeers(peers, bench);
  return {
    run: async (iteration) => [(await network.process.ask('put', iteration)) * 1e6],
    after: (iteration) => network.process.ask('got', iteration),
    baseline: () => wait(rttMs),
    notes: () => [network.note, 'each blob was then found in the DHT by another peer'],
    teardown: async () => undefined,
  };
}

/** What announcing a blob in the DHT of so many peers costs. */
export function dhtPut(peers: number): Scenario {
  return {
    name: `dht-put/${peers}`,
    unit: 'ms',
    measures: `A full peer of ${peers} announces a blob in the DHT at ${rttMs} ms round trip: until the 20 peers nearest to its cid were found and told, or all there are.`,
    baseline: 'one round trip',
    repetitions: { recorded: 50, warmUp: 5 },
    quick: { recorded: 5, warmUp: 1 },
    setup: (bench) => setup(peers, bench),
  };
}
