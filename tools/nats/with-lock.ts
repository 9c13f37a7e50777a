import { mkdirSync, rmSync, statSync } from 'node:fs';

const staleAfterMs = 900_000;
const pauseMs = 200;

/** Runs something that only one process may do at a time; the others wait for it. A lock of a process that died is taken over. */
export function withLock<T>(folder: string, run: () => T): T {
  while (!taken(folder)) {
    if (isStale(folder)) rmSync(folder, { recursive: true, force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
  }
  try {
    return run();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function taken(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isStale(folder: string): boolean {
  const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
  return Date.now() - mtimeMs > staleAfterMs;
}
