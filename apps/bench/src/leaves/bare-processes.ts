import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

/** The memory of so many bare Node processes at once, in MiB of PSS. */
export async function bareProcesses(count: number): Promise<number> {
  const children = Array.from({ length: count }, () => spawn(process.execPath, ['-e', "process.stdin.resume(); process.stdout.write('up')"], { stdio: ['pipe', 'pipe', 'ignore'] }));
  try {
    await Promise.all(children.map((child) => once(child.stdout, 'data')));
    const rollups = await Promise.all(children.map((child) => readFile(`/proc/${child.pid}/smaps_rollup`, 'utf8')));
    return rollups.reduce((sum, rollup) => sum + Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) / 1024, 0);
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}
