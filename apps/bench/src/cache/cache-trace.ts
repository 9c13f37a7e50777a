import { join } from 'node:path';
import { AskedProcess } from '../parts/asked-process.ts';
import { shared, type Bench } from '../runner/bench.ts';
import type { Scenario, ValueScenario, ValueTrial } from '../runner/scenario.ts';
import type { CacheHost, CacheNetwork, Replayed } from './cache-host.ts';

const rttMs = 50;
const seed = 1;
/** A quick run is so many times smaller, caches and all. */
const quickPart = 10;

interface TraceSize extends Omit<CacheNetwork, 'seed'> {
  readonly lookups: number;
}

const today: TraceSize = { cids: 100_000, hot: 2000, warm: 50_000, lookups: 200_000, lookupsPerMinute: 60_000 };
const original: TraceSize = { cids: 1000, hot: 100, warm: 1000, lookups: 200_000, lookupsPerMinute: 60_000 };
/** Lookups that are made with and without caches over slow links. */
const compared = 1000;

/** What the trace came to: from empty caches, then as many lookups more, then some over slow links. */
interface Run {
  readonly cold: Replayed;
  readonly warmed: Replayed;
  readonly slow: { readonly cached: number; readonly plain: number };
  readonly about: string;
}

// Beside this file as source and compiled.
const script = new URL(import.meta.url.endsWith('.ts') ? './cache-host.ts' : './cache-host.js', import.meta.url);

const smaller = ({ cids, hot, warm, lookups, lookupsPerMinute }: TraceSize): TraceSize => ({ cids: cids / quickPart, hot: hot / quickPart, warm: warm / quickPart, lookups: lookups / quickPart, lookupsPerMinute: lookupsPerMinute / quickPart });

async function replayed(name: string, full: TraceSize, bench: Bench): Promise<Run> {
  const size = bench.quick ? smaller(full) : full;
  const { cids, hot, warm, lookups, lookupsPerMinute } = size;
  const host = new AskedProcess<CacheHost>(bench, script, [join(bench.scratch, `cache-${name}`)]);
  bench.say(`starting peers that lease ${cids} cids`);
  await host.ask('start', { cids, hot, warm, lookupsPerMinute, seed });
  bench.say(`${lookups} lookups from empty caches`);
  const cold = await host.ask('replay', lookups);
  bench.say(`${lookups} more lookups`);
  const warmed = await host.ask('replay', lookups);
  const slow = await host.ask('compare', { lookups: bench.quick ? compared / quickPart : compared, delayMs: rttMs / 2 });
  await host.stop();
  return { cold, warmed, slow, about: `${cids} cids, of which 1 % change in a minute, ${lookupsPerMinute} lookups a minute, Zipf s=1.0, seed ${seed}; caches of ${hot} and ${warm} cids; real nodes in one process, no delay` };
}

const todayRun = shared((bench) => replayed('today', today, bench));
const originalRun = shared((bench) => replayed('original', original, bench));

const percent = (part: number, whole: number): number => (100 * part) / whole;
const rateOf = ({ byTier, lookups }: Replayed): number => percent(byTier.hot + byTier.warm, lookups);
const share = ({ byTier, lookups }: Replayed, tier: 'hot' | 'warm'): string => percent(byTier[tier], lookups).toFixed(1);

function notesOf({ cold, warmed, about }: Run): string[] {
  const { hot, warm, super: supers } = warmed.lookupUs;
  return [
    about,
    `from empty caches: ${rateOf(cold).toFixed(1)} % (hot ${share(cold, 'hot')}, warm ${share(cold, 'warm')}); the next ${warmed.lookups} lookups: ${rateOf(warmed).toFixed(1)} % (hot ${share(warmed, 'hot')}, warm ${share(warmed, 'warm')})`,
    `whole lookups, p50 / p99 in us: hot ${hot.p50.toFixed(0)} / ${hot.p99.toFixed(0)}, warm ${warm.p50.toFixed(0)} / ${warm.p99.toFixed(0)}, super-peer ${supers.p50.toFixed(0)} / ${supers.p99.toFixed(0)}: each looks first whether the blob is here`,
  ];
}

function trial(value: number, baseline: number, notes: readonly string[]): ValueTrial {
  return { value: async () => value, baseline: async () => baseline, notes: () => notes, teardown: async () => {} };
}

const baseline = 'the same lookups, hot cache alone';

function rateScenario(name: string, measures: string, goal: number | undefined, of: { readonly run: (bench: Bench) => Promise<Run>; readonly part: 'cold' | 'warmed' }): ValueScenario {
  const setup = async (bench: Bench): Promise<ValueTrial> => {
    const run = await of.run(bench);
    const part = run[of.part];
    return trial(rateOf(part), percent(part.byTier.hot, part.lookups), notesOf(run));
  };
  return { name: `cache-trace/${name}`, unit: '%', measures, better: 'more', target: 80, ...(goal === undefined ? {} : { goal }), baseline, setup };
}

function hitScenario(tier: 'hot' | 'warm', goal: number): ValueScenario {
  const other = tier === 'hot' ? 'warm' : 'hot';
  const setup = async (bench: Bench): Promise<ValueTrial> => {
    const run = await todayRun(bench);
    return trial(run.warmed.hitP99Us[tier], run.warmed.hitP99Us[other], [run.about]);
  };
  return { name: `cache-trace/${tier}-hit-p99`, unit: 'us', measures: `The p99 of a hit of the ${tier} cache itself, in lookups of cache-trace/zipf.`, better: 'less', goal, baseline: `the same of the ${other} cache`, setup };
}

const slowLinks: ValueScenario = {
  name: 'cache-trace/50-ms',
  unit: 'ms',
  measures: `The mean of ${compared} lookups that follow in cache-trace/zipf, with super-peers at ${rttMs} ms round trip.`,
  better: 'less',
  target: 80,
  baseline: 'the same lookups by a leaf without caches',
  setup: async (bench) => {
    const run = await todayRun(bench);
    return trial(run.slow.cached, run.slow.plain, [run.about, 'with a delay on each link to a super-peer now']);
  },
};

/** How often the caches of lookups know, and what they save. */
export const cacheTrace: readonly Scenario[] = [
  rateScenario('zipf', 'The share of 200,000 lookups of the trace that a cache answers, after 200,000 that filled the caches; no blob of them is here.', 90, { run: todayRun, part: 'warmed' }),
  rateScenario('zipf-cold', 'The same of the first 200,000, from empty caches: the first lookup of a cid can be no hit.', undefined, { run: todayRun, part: 'cold' }),
  rateScenario('original-size', 'The share of 200,000 lookups of 1,000 packages that a cache answers, from empty caches of 100 and 1,000.', 95, { run: originalRun, part: 'cold' }),
  hitScenario('hot', 10),
  hitScenario('warm', 200),
  slowLinks,
];
