import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { requireHits } from './network-search.ts';
import { startSearchedNetwork } from './searched-network.ts';

/** Packages of the whole network, whatever its size. */
const packages = 1000;
const full = { recorded: 20, warmUp: 2 };
const quick = { recorded: 2, warmUp: 1 };

async function setup(peers: number, bench: Bench): Promise<Trial> {
  const { recorded, warmUp } = bench.quick ? quick : full;
  const leaves = peers - 1;
  const network = await startSearchedNetwork({ peers, packagesEach: packages / peers }, leaves * (recorded + warmUp), bench);
  const queriesOf = (iteration: number): typeof network.queries => network.queries.slice(iteration * leaves, (iteration + 1) * leaves);
  return {
    run: async (iteration) => {
      const queries = queriesOf(iteration);
      const told = await network.leaves.ask('searchAll', queries);
      for (const [leaf, one] of told.entries()) requireHits(one, queries[leaf] ?? {});
      return told.map(({ ms }) => ms * 1e6);
    },
    baseline: async (iteration) => {
      const times = [];
      for (const query of queriesOf(iteration)) {
        const since = process.hrtime.bigint();
        network.scan.query(query);
        times.push(Number(process.hrtime.bigint() - since));
      }
      return times;
    },
    notes: () => [...network.notes, `all ${leaves} leaves ask at one moment, each something else, ${recorded} times`],
    teardown: () => network.stop(),
  };
}

function scenarioOf(peers: number): Scenario {
  return {
    name: `scale-search/${peers}`,
    unit: 'ms',
    measures: `Of ${peers} peers, which have ${packages} packages together, all leaves search at one moment: until every hit of the first page is proven, for each.`,
    target: 200,
    baseline: 'linear scan in this process, one after the other',
    repetitions: full,
    quick,
    setup: (bench) => setup(peers, bench),
  };
}

/** What searching costs when everybody does, by how many they are. */
export const scaleSearch: readonly Scenario[] = [10, 20, 50, 100].map(scenarioOf);
