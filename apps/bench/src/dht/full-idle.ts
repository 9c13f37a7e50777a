import { AskedProcess } from '../parts/asked-process.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, ValueTrial } from '../runner/scenario.ts';
import type { DhtNetworkProcess } from './dht-network.ts';
import { dhtScript } from './dht-peers.ts';

/** Links that are too many are hung up after half a minute, and a peer seeks those near to it each minute. */
const [settleMs, measuredMs] = [60_000, 60_000];
const few = 10;

/** Processor time of one of so many full peers, in percent of a core, and its links. */
async function idleOf(peers: number, bench: Bench): Promise<{ readonly percent: number; readonly links: number }> {
  const process = new AskedProcess<DhtNetworkProcess>(bench, dhtScript);
  try {
    bench.say(`starting ${peers} full peers, and letting them come to rest`);
    const { links } = await process.ask('start', { peers, lookups: 0, delayMs: 0, isLively: true });
    await process.ask('idle', settleMs);
    return { percent: (100 * (await process.ask('idle', measuredMs))) / measuredMs / peers, links: links / peers };
  } finally {
    await process.stop();
  }
}

function trialOf(peers: number, bench: Bench): ValueTrial {
  let links = 0;
  return {
    value: async () => {
      const idle = await idleOf(peers, bench);
      links = idle.links;
      return idle.percent;
    },
    baseline: async () => (await idleOf(few, bench)).percent,
    notes: () => [`${peers} real full peers in one process, in memory, ${links.toFixed(1)} links each when all were started; links are pinged each 15 s and those near are sought each minute, as usual; no super-peers, none are sought; over ${measuredMs / 1000} s, ${settleMs / 1000} s after the last one was started`],
    teardown: () => Promise.resolve(),
  };
}

/** What a full peer costs that nobody asks anything. */
export const fullIdle: Scenario = {
  name: 'full-idle/100',
  unit: '%',
  measures: 'Processor time of one of 100 linked full peers while nobody asks for anything, in percent of one core.',
  better: 'less',
  goal: 1,
  baseline: `one of ${few}`,
  setup: async (bench) => trialOf(100, bench),
};
