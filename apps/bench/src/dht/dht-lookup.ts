import { setTimeout as wait } from 'node:timers/promises';
import type { Bench } from '../runner/bench.ts';
import { Phases } from '../runner/phases.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { dhtPeers, lookupRepetitions, rttMs } from './dht-peers.ts';

async function setup(peers: number, bench: Bench): Promise<Trial> {
  const network = await dhtPeers(peers, bench);
  const phases = new Phases();
  let [own, all] = [0, 0];
  return {
    warmedUp: () => {
      phases.reset();
      [own, all] = [0, 0];
    },
    run: async (iteration) => {
      const { dhtMs, wholeMs } = await network.process.ask('lookup', iteration);
      phases.record('the whole lookup of a full peer, which asks its linked peers before the DHT', wholeMs * 1e6);
      all += 1;
      if (dhtMs < rttMs / 2) own += 1;
      return [dhtMs * 1e6];
    },
    baseline: () => wait(rttMs),
    notes: () => [network.note, `${own} of ${all} were answered by the asking peer itself, which is one of the 20 nearest to the cid and so keeps its record`, phases.note('ms')],
    teardown: async () => undefined,
  };
}

/** What a lookup in the DHT of so many peers costs. */
export function dhtLookup(peers: number): Scenario {
  return {
    name: `dht-lookup/${peers}`,
    alsoCalled: [`scale-lookup/${peers}`, ...(peers <= 100 ? [`dht-get/${peers}`] : [])],
    unit: 'ms',
    measures: `A full peer of ${peers} asks the DHT at ${rttMs} ms round trip who has a blob, another cid each time, until the first provider is named; DHT alone, no super-peers, no cache.`,
    target: 500,
    goal: 3 * rttMs + 50,
    baseline: 'one round trip',
    ...lookupRepetitions(peers),
    setup: (bench) => setup(peers, bench),
  };
}
