import type { Bench } from '../runner/bench.ts';
import { Phases } from '../runner/phases.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { leasedCids, startLookupNetwork } from '../lookup/super-lookup.ts';
import { dhtPeers, lookupRepetitions, lookupsEach, rttMs } from './dht-peers.ts';

async function setup(peers: number, bench: Bench): Promise<Trial> {
  const dht = await dhtPeers(peers, bench);
  const { network, note } = await startLookupNetwork({ leaves: peers, rttMs, cids: leasedCids(bench) }, bench);
  const phases = new Phases();
  // What `dht-lookup` looked up has linked the asking peers to those nearest to it.
  const from = lookupsEach(peers, bench);
  return {
    warmedUp: () => phases.reset(),
    run: async (iteration) => [(await network.ask('lookup', from + iteration)) * 1e6],
    baseline: async (iteration) => {
      const { dhtMs } = await dht.process.ask('lookup', from + iteration);
      phases.record('the DHT', dhtMs * 1e6);
      return [dhtMs * 1e6];
    },
    notes: () => [note, dht.note, `lookups by turns, by the same peers of blobs of the same peers; ${phases.note('ms')}; the dial to the provider is no part of either`],
    teardown: () => network.stop(),
  };
}

/** What super-peers save, in a network of so many. */
export function superVsDht(peers: number): Scenario {
  return {
    name: `super-vs-dht/${peers}`,
    unit: 'ms',
    measures: `The same lookups at ${rttMs} ms round trip: by a leaf of ${peers} through super-peers, and by a full peer of ${peers} in the DHT alone.`,
    target: 500,
    goal: 1.3 * rttMs,
    baseline: 'the DHT',
    ...lookupRepetitions(peers),
    setup: (bench) => setup(peers, bench),
  };
}
