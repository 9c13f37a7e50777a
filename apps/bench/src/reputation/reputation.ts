import { noEvidence, observe, score, type Evidence, type Outcome } from '@souk/domain';
import { better, type Provider } from '@souk/p2p';
import { seededRandom } from '../corpus/seeded-random.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';

const peers = 1000;
/** Providers of one blob: as many as a super-peer tells. */
const providers = 32;
/** Observations, or choices, of one iteration: one alone is shorter than the clock is exact. */
const atOnce = 1000;
const repetitions = { recorded: 1000, warmUp: 100 };
const quick = { recorded: 50, warmUp: 10 };
const outcomes: readonly Outcome[] = ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'timeout', 'unreachable', 'missing', 'corrupt'];
const firstAt = Date.UTC(2026, 0, 1);

/** Observations that follow each other, of peers of which some serve better than others; always the same. */
function observations(): readonly { readonly peer: number; readonly outcome: Outcome; readonly bytes: number; readonly at: number }[] {
  const random = seededRandom(7);
  return Array.from({ length: atOnce }, (_, number) => ({ peer: random.below(peers), outcome: random.pick(outcomes), bytes: random.below(1_000_000), at: firstAt + number * 1000 }));
}

/** How long one of `atOnce` takes, in nanoseconds. */
function timeEach(work: () => void): readonly number[] {
  const since = process.hrtime.bigint();
  work();
  return [Number(process.hrtime.bigint() - since) / atOnce];
}

async function scoring(): Promise<Trial> {
  const all = observations();
  const evidence = new Map<number, Evidence>();
  const counts = new Map<number, number>();
  return {
    run: async () =>
      timeEach(() => {
        for (const one of all) {
          const now = observe(evidence.get(one.peer) ?? noEvidence, one);
          evidence.set(one.peer, now);
          const scored = score(now);
          if (!(scored > 0 && scored < 1)) throw new Error(`a score is ${scored}`);
        }
      }),
    baseline: async () =>
      timeEach(() => {
        for (const { peer } of all) counts.set(peer, (counts.get(peer) ?? 0) + 1);
      }),
    notes: () => [`${peers} peers; the time of ${atOnce} observations divided by their number`],
    teardown: async () => {},
  };
}

function candidatesOf(): readonly Provider[][] {
  const random = seededRandom(8);
  return Array.from({ length: atOnce }, (_, blob) => Array.from({ length: providers }, (_each, at) => ({ peer: `${blob}/${at}`, score: random.next(), latencyMs: random.next() * 200, isNear: random.next() < 0.2 })));
}

async function selecting(): Promise<Trial> {
  const blobs = candidatesOf();
  const best = (of: readonly Provider[]): number => Math.max(...of.map((one) => Math.round(one.score * 10)));
  let chosen: Provider[] = [];
  return {
    run: async () =>
      timeEach(() => {
        chosen = blobs.map((of) => of.toSorted(better)[0] as Provider);
      }),
    after: async () => {
      if (chosen.some((one, blob) => Math.round(one.score * 10) !== best(blobs[blob] ?? []))) throw new Error('somebody of worse reputation was chosen');
    },
    baseline: async () => timeEach(() => void blobs.map((of) => of[0])),
    notes: () => [`${providers} providers of each of ${atOnce} blobs; the time of all divided by their number`],
    teardown: async () => {},
  };
}

/** What it costs to judge peers, and to choose among them. */
export const reputation: readonly Scenario[] = [
  { name: 'reputation/score', unit: 'us', measures: 'An observation of a peer is counted and its score computed.', baseline: 'one number of a map', repetitions, quick, setup: scoring },
  { name: 'reputation/select', unit: 'us', measures: `${providers} providers of a blob are put in order, the best first: reputation, zone, latency.`, baseline: 'whoever comes first', repetitions, quick, setup: selecting },
];
