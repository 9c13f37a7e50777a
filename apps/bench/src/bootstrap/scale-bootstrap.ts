import { AskedProcess } from '../parts/asked-process.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import type { BootstrapNetworkProcess } from './bootstrap-network.ts';

/** Links that a full peer seeks. */
const sought = 8;

// Beside this file as source and compiled.
const script = new URL(import.meta.url.endsWith('.ts') ? './bootstrap-network.ts' : './bootstrap-network.js', import.meta.url);

async function setup(peers: number, bench: Bench): Promise<Trial> {
  const host = new AskedProcess<BootstrapNetworkProcess>(bench, script);
  const links = Math.min(sought, peers - 1);
  return {
    run: async (iteration) => [(await host.ask('start', { peers, network: iteration, links })) * 1e6],
    after: async () => {
      await host.ask('works', undefined);
      await host.ask('end', undefined);
    },
    baseline: async (iteration) => {
      const ms = await host.ask('start', { peers, network: iteration, links: 0 });
      await host.ask('end', undefined);
      return [ms * 1e6];
    },
    notes: () => [`${peers} full peers in one process, TCP and Noise on loopback; the others find each other in the DHT of the first; afterwards the first one finds in the DHT what the last one announced`],
    teardown: () => host.stop(),
  };
}

function scenarioOf(peers: number, recorded: number): Scenario {
  return {
    name: `scale-bootstrap/${peers}`,
    unit: 'ms',
    measures: `${peers} full peers start at one moment, told of the first alone: until each is linked to ${Math.min(sought, peers - 1)} others.`,
    baseline: 'as many that know nobody',
    repetitions: { recorded, warmUp: 1 },
    quick: { recorded: 2, warmUp: 0 },
    setup: (bench) => setup(peers, bench),
  };
}

/** How soon a network of full peers is one, by its size. */
export const scaleBootstrap: readonly Scenario[] = [scenarioOf(5, 20), scenarioOf(10, 20), scenarioOf(20, 10), scenarioOf(50, 5), scenarioOf(100, 3)];
