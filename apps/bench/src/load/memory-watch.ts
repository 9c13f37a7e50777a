import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setInterval as every } from 'node:timers/promises';
import type { MemorySample } from './memory-trend.ts';

/** What the processes of a site had in memory, by their names. */
export type WatchedMemory = ReadonlyMap<string, readonly MemorySample[]>;

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly residentBytes: number;
}

const everyMs = 2000;

function linesOf(pid: number): ProcessLine | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const script = words.slice(1).find((word) => /\.m?js$/.test(word));
    return { pid, parent: field('PPid'), name: basename(script ?? words[0] ?? '').replace(/\.m?js$/, ''), residentBytes: field('VmRSS') * 1024 };
  } catch {
    // It ended while it was looked at.
    return undefined;
  }
}

/** A process and all that it started, directly or not. Linux only: elsewhere there is no /proc. */
export function processTree(root: number): ProcessLine[] {
  const all = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).flatMap((entry) => linesOf(Number(entry)) ?? []);
  const tree = new Set([root]);
  for (let size = 0; size !== tree.size; ) {
    size = tree.size;
    for (const { pid, parent } of all) if (tree.has(parent)) tree.add(pid);
  }
  return all.filter(({ pid }) => tree.has(pid));
}

/** Looks at the memory of a process and its children every two seconds until the signal aborts. */
export async function watchMemory(root: number, signal: AbortSignal): Promise<WatchedMemory> {
  const start = performance.now();
  const watched = new Map<string, MemorySample[]>();
  try {
    for await (const _ of every(everyMs, undefined, { signal })) {
      const at = (performance.now() - start) / 1000;
      for (const { pid, name, residentBytes } of processTree(root)) {
        const key = `${name} (${pid})`;
        const samples = watched.get(key) ?? [];
        samples.push({ at, bytes: residentBytes });
        watched.set(key, samples);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return watched;
}
