/** What a process had in memory at a moment. */
export interface MemorySample {
  /** Seconds since the watch began. */
  readonly at: number;
  readonly bytes: number;
}

/** How a process' memory went on after its beginning. */
export interface MemoryTrend {
  readonly medianBytes: number;
  /** By the slope, over the part that counts. */
  readonly grownBytes: number;
  readonly perHourBytes: number;
  /** Whether it grew no more than the larger of 5 % and 8 MiB in that part. */
  readonly isFlat: boolean;
}

/** Share of the watch that does not count: code is compiled, caches fill, heaps find their size. */
const beginning = 0.3;
/** Parts of the rest; the least of each counts, because garbage comes and goes. */
const windows = 14;
const allowed = { share: 0.05, bytes: 8 * 2 ** 20 };

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const [high = 0, low = 0] = [sorted[middle], sorted[middle - 1]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** The slope of Theil and Sen: the median of the slopes between all pairs, which single odd values do not move. Bytes per second. */
function slopeOf(points: readonly MemorySample[]): number {
  return median(points.flatMap((one, at) => points.slice(at + 1).map((other) => (other.bytes - one.bytes) / (other.at - one.at))));
}

/** Whether memory is flat. Throws RangeError for a watch that was too short to say. */
export function memoryTrend(samples: readonly MemorySample[]): MemoryTrend {
  const end = samples.at(-1)?.at ?? 0;
  const counted = samples.filter(({ at }) => at >= end * beginning);
  const first = counted[0]?.at ?? 0;
  const floor = Array.from({ length: windows }, (_, window): MemorySample[] => {
    const inside = counted.filter(({ at }) => Math.min(windows - 1, Math.floor(((at - first) / (end - first)) * windows)) === window);
    return inside.length === 0 ? [] : [inside.reduce((least, one) => (one.bytes < least.bytes ? one : least))];
  }).flat();
  if (floor.length < windows) throw new RangeError('Memory was not looked at often enough to say whether it grows.');
  const slope = slopeOf(floor);
  const medianBytes = median(counted.map(({ bytes }) => bytes));
  const grownBytes = slope * (end - first);
  return { medianBytes, grownBytes, perHourBytes: slope * 3600, isFlat: grownBytes <= Math.max(allowed.share * medianBytes, allowed.bytes) };
}
