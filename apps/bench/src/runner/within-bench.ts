import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';

/** What a run has from the start. */
export interface BenchOptions extends Pick<Bench, 'quick' | 'signal' | 'say'> {
  /** The folder in which this run's temporary folder is made: on a real disk, or a figure about disks means nothing. */
  readonly scratchIn: string;
}

/** Does something with a temporary folder, and ends what it started, the latest first, however it ends. */
export async function withinBench<T>({ scratchIn, ...options }: BenchOptions, use: (bench: Bench) => Promise<T>): Promise<T> {
  await mkdir(scratchIn, { recursive: true });
  const scratch = await mkdtemp(join(scratchIn, 'run-'));
  const ends: (() => Promise<void>)[] = [() => rm(scratch, { recursive: true, force: true })];
  try {
    return await use({ quick: options.quick, signal: options.signal, say: (text) => options.say(text), scratch, atEnd: (end) => void ends.push(end) });
  } finally {
    for (const end of ends.reverse()) await end().catch((error: unknown) => options.say(`left something behind: ${String(error)}`));
  }
}
