import { verify } from '@souk/domain';
import { LogWriter } from '@souk/testing/builders';
import { seededRandom } from '../corpus/seeded-random.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { GossipNetwork } from './gossip-network.ts';

/** Bytes of a record's body: a release with a few dependencies. */
const releaseBytes = 1000;
/** More than is gossiped whole: only its signed header is, and each peer asks for the rest. */
const largeBytes = 40_000;

interface Size {
  readonly peers: number;
  readonly bytes: number;
  /** Whether the time of the last peer counts, not that of each. */
  readonly last: boolean;
}

/** The signature of one record, verified once for each peer, one after the other: the least that so many peers on one machine have to do. */
function verifyForEach(peers: number): void {
  const record = new LogWriter('baseline').writeBytes('note', Uint8Array.of(0xa0));
  for (let peer = 1; peer < peers; peer += 1) verify(record);
}

async function setup({ peers, bytes, last }: Size, bench: Bench): Promise<Trial> {
  const network = await GossipNetwork.start(bench, peers);
  const random = seededRandom(2);
  let [sent, delivered, duplicates] = [0, 0, 0];
  const { links, rssMiB } = await network.told();
  return {
    warmedUp: () => void ([sent, delivered, duplicates] = [0, 0, 0]),
    run: async () => {
      const delivery = await network.publish(random.below(peers), bytes);
      sent += peers - 1;
      delivered += delivery.times.length;
      duplicates += delivery.duplicates;
      if (delivery.times.length === 0) throw new Error('nobody got the record');
      return last ? [Math.max(...delivery.times)] : delivery.times;
    },
    baseline: async () => verifyForEach(peers),
    notes: () => [
      `${peers} full peers in ${network.processes} processes of this machine, ${(links / peers).toFixed(1)} links each, TCP and Noise on loopback, stores in memory, ${Math.round(rssMiB)} MiB RSS in all when they were linked; a body of ${bytes} bytes, another publisher each time`,
      `${((100 * delivered) / sent).toFixed(2)} % delivered (${delivered} of ${sent})${last ? '' : `, ${(duplicates / delivered).toFixed(2)} duplicates per peer and record`}`,
    ],
    teardown: async () => network.stop(),
  };
}

function scenarioOf(peers: number, recorded: number): Scenario {
  return {
    name: `gossip/${peers}`,
    unit: 'ms',
    measures: `A record published at one of ${peers} full peers: at each of the others, until it is verified and kept there.`,
    target: 3000,
    goal: 430,
    baseline: 'verifying the record once for each peer, on one core',
    repetitions: { recorded, warmUp: 3 },
    quick: { recorded: 5, warmUp: 1 },
    setup: (bench) => setup({ peers, bytes: releaseBytes, last: false }, bench),
  };
}

const announcement: Scenario = {
  name: 'gossip-announcement',
  unit: 'ms',
  measures: 'A record of 40 kB published at one of 20 full peers, which is too large to be gossiped whole: until the last of the others has heard of it, asked for it, and kept it.',
  target: 3000,
  baseline: 'verifying the record once for each peer, on one core',
  repetitions: { recorded: 30, warmUp: 3 },
  quick: { recorded: 5, warmUp: 1 },
  setup: (bench) => setup({ peers: 20, bytes: largeBytes, last: true }, bench),
};

/** How fast news reach everybody. */
export const gossip: readonly Scenario[] = [scenarioOf(5, 100), scenarioOf(10, 100), scenarioOf(20, 100), scenarioOf(50, 50), scenarioOf(200, 20), scenarioOf(1000, 20), announcement];
