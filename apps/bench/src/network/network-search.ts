import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import type { Told } from './asking-leaves.ts';
import { startSearchedNetwork, type NetworkSize } from './searched-network.ts';

const full = { recorded: 500, warmUp: 50 };
const quick = { recorded: 20, warmUp: 5 };
/** Packages of each peer in a quick run. */
const quickPackages = 20;

/** Throws when a search told nothing: its words are drawn from the packages. */
export function requireHits({ total, hits, records }: Told, query: object): void {
  if (total === 0 || hits === 0 || records === 0) throw new Error(`a search for ${JSON.stringify(query)} found ${total}, told ${hits} hits and ${records} records`);
}

async function setup(size: NetworkSize, bench: Bench): Promise<Trial> {
  const { recorded, warmUp } = bench.quick ? quick : full;
  const network = await startSearchedNetwork(bench.quick ? { ...size, packagesEach: quickPackages } : size, recorded + warmUp, bench);
  const queryOf = (iteration: number): (typeof network.queries)[number] => network.queries[iteration] as (typeof network.queries)[number];
  let [hits, records] = [0, 0];
  return {
    warmedUp: () => void ([hits, records] = [0, 0]),
    run: async (iteration) => {
      const told = await network.leaves.ask('search', { leaf: iteration, query: queryOf(iteration) });
      requireHits(told, queryOf(iteration));
      hits += told.hits;
      records += told.records;
      return [told.ms * 1e6];
    },
    baseline: async (iteration) => void network.scan.query(queryOf(iteration)),
    notes: () => [...network.notes, `${recorded} distinct queries, each by another leaf; ${(hits / recorded).toFixed(1)} hits and ${(records / recorded).toFixed(1)} records an answer`],
    teardown: () => network.stop(),
  };
}

function scenarioOf(size: NetworkSize): Scenario {
  const { peers, packagesEach } = size;
  return {
    name: `network-search/${peers}x${packagesEach}`,
    unit: 'ms',
    measures: `A leaf that holds no log of others searches ${peers} peers with ${packagesEach} packages each: from the question to the super-peer until every hit of the first page is proven.`,
    target: 100,
    baseline: 'linear scan in this process',
    repetitions: full,
    quick,
    setup: (bench) => setup(size, bench),
  };
}

/** Search over /souk/query/1, by the size of the network. */
export const networkSearch: readonly Scenario[] = ([[10, 100], [20, 500], [50, 1000]] as const).map(([peers, packagesEach]) => scenarioOf({ peers, packagesEach }));
