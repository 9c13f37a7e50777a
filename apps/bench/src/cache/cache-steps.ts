import { hotHintLimits, warmHintLimits, type Cid } from '@souk/domain';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { cidOf, hintTiers, type HintTiers } from './hint-tiers.ts';

/** Steps of one iteration: each is recorded. */
const stepsEach = 1000;

interface Step {
  readonly name: string;
  readonly measures: string;
  readonly target?: number;
  readonly goal?: number;
  /** Cids that are kept before. */
  readonly filled: number;
  /** The cids of an iteration. */
  cidsOf(iteration: number): readonly Cid[];
  step(tiers: HintTiers, cid: Cid): Promise<void>;
  /** The same of a bare map. */
  bare(map: HintTiers['map'], cid: Cid): void;
}

const from = (first: number): readonly Cid[] => Array.from({ length: stepsEach }, (_, at) => cidOf(first + at));

async function require(isSo: Promise<boolean>, what: string): Promise<void> {
  if (!(await isSo)) throw new Error(what);
}

const known = async ({ hot }: HintTiers, cid: Cid): Promise<boolean> => (await hot.get(cid, Date.now())).length > 0;
const unknown = async ({ hot, warm }: HintTiers, cid: Cid): Promise<boolean> => (await hot.get(cid, Date.now())).length === 0 && (await warm.get(cid, Date.now())).length === 0;

const steps: readonly Step[] = [
  {
    name: 'hit',
    measures: 'A look into the hot cache for a cid that is there, until the answer is awaited.',
    target: 1000,
    goal: 10,
    filled: hotHintLimits.cids,
    cidsOf: () => from(hotHintLimits.cids - stepsEach),
    step: (tiers, cid) => require(known(tiers, cid), 'the hot cache does not know what was put'),
    bare: (map, cid) => void map.get(cid),
  },
  {
    name: 'miss',
    measures: 'A look into the hot cache and, as it does not know, into the full warm one for a cid that is in neither.',
    filled: warmHintLimits.cids,
    cidsOf: (iteration) => from(1_000_000 + iteration * stepsEach),
    step: (tiers, cid) => require(unknown(tiers, cid), 'a cache knows what was never put'),
    bare: (map, cid) => void map.get(cid),
  },
  {
    name: 'write',
    measures: 'Putting what a super-peer said of a new cid into both caches, while the warm one has room.',
    filled: hotHintLimits.cids,
    cidsOf: (iteration) => from(1_000_000 + iteration * stepsEach),
    step: (tiers, cid) => tiers.put(cid),
    bare: (map, cid) => void map.set(cid, []),
  },
  {
    name: 'cleanup',
    measures: 'The same while both caches are full, so that each put makes another cid give way.',
    filled: warmHintLimits.cids,
    cidsOf: (iteration) => from(1_000_000 + iteration * stepsEach),
    step: (tiers, cid) => tiers.put(cid),
    bare: (map, cid) => {
      map.set(cid, []);
      for (const oldest of map.keys()) {
        map.delete(oldest);
        break;
      }
    },
  },
];

/** How long each of some steps takes, in nanoseconds. */
async function timed(cids: readonly Cid[], step: (cid: Cid) => void | Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (const cid of cids) {
    const since = process.hrtime.bigint();
    await step(cid);
    times.push(Number(process.hrtime.bigint() - since));
  }
  return times;
}

async function setup({ name, filled, cidsOf, step, bare }: Step, bench: Bench): Promise<Trial> {
  const tiers = await hintTiers(bench, `cache-${name}`, filled);
  return {
    run: (iteration) => timed(cidsOf(iteration), (cid) => step(tiers, cid)),
    after: async (iteration) => {
      const isPut = name === 'write' || name === 'cleanup';
      for (const cid of isPut ? cidsOf(iteration) : []) await require(tiers.warm.get(cid, Date.now()).then((hints) => hints.length === 1), 'what was put is not there');
    },
    baseline: (iteration) => timed(cidsOf(iteration), (cid) => bare(tiers.map, cid)),
    notes: () => [`${filled} cids with one provider each are kept before; hot ${hotHintLimits.cids} in memory, warm ${warmHintLimits.cids} in SQLite on disk; ${stepsEach} steps an iteration, each recorded`],
    teardown: async () => {
      await tiers.hot.close();
      await tiers.warm.close();
    },
  };
}

function scenarioOf(step: Step): Scenario {
  const { name, measures, target, goal } = step;
  return {
    name: `cache/${name}`,
    unit: 'us',
    measures,
    ...(target === undefined ? {} : { target }),
    ...(goal === undefined ? {} : { goal }),
    baseline: 'the same with a bare Map',
    // The warm cache has room for all that is written.
    repetitions: { recorded: 20, warmUp: 3 },
    quick: { recorded: 2, warmUp: 1 },
    setup: (bench) => setup(step, bench),
  };
}

/** What the caches of lookups cost by themselves. */
export const cacheSteps: readonly Scenario[] = steps.map(scenarioOf);
