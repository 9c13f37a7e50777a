import { seededRandom } from '../corpus/seeded-random.ts';

/** What a trace of lookups is made of. */
export interface TraceOptions {
  /** How many different cids are asked for at any time. */
  readonly cids: number;
  /** How many lookups come in a minute of the trace, whatever time they take. */
  readonly lookupsPerMinute: number;
  readonly seed: number;
}

/** A tenth of a minute of a trace. */
export interface TraceStep {
  /** Ranks whose cid is another one from now on, as after a new version; one may be named twice. */
  readonly changed: readonly number[];
  /** The ranks that are asked for, one after the other; 0 is the most popular. */
  readonly asked: readonly number[];
}

const stepsPerMinute = 10;
/** Share of all cids that change in a minute. */
const changedPerMinute = 0.01;

/** Lookups without end, always the same for a seed: the popularity of ranks follows Zipf's law with s = 1, and one in a hundred cids changes in a minute, whatever its rank. */
export function* zipfTrace({ cids, lookupsPerMinute, seed }: TraceOptions): Generator<TraceStep, never> {
  const random = seededRandom(seed);
  const sums = new Float64Array(cids);
  let sum = 0;
  for (let rank = 0; rank < cids; rank += 1) sums[rank] = sum += 1 / (rank + 1);
  const changes = Math.round((cids * changedPerMinute) / stepsPerMinute);
  for (;;) {
    const changed = Array.from({ length: changes }, () => random.below(cids));
    yield { changed, asked: Array.from({ length: lookupsPerMinute / stepsPerMinute }, () => rankAt(sums, random.next() * sum)) };
  }
}

/** The first rank at which the sum of weights exceeds a number. */
function rankAt(sums: Float64Array, at: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
