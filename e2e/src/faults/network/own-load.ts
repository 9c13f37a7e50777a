import { monitorEventLoopDelay } from 'node:perf_hooks';
import { usedHeap } from '@souk/testing/processes';
import type { Load } from './peer-settings.ts';

const resolutionMs = 10;
const mib = 2 ** 20;

/** What this process's load is, from one question to the next. */
export function ownLoad(): () => Load {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  // What is recorded is the time between two beats, which is never less than the resolution.
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  return () => {
    const lateMs = { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) };
    const heapMiB = usedHeap() / mib;
    delay.reset();
    return { lateMs, heapMiB, rssMiB: process.memoryUsage.rss() / mib };
  };
}
