import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Spins at the lowest priority, which yields to whatever else wants the core, until whoever started it is gone. */
const spin = "require('node:os').setPriority(19); const parent = process.ppid; while (process.ppid === parent) for (let n = 0; n < 1e7; n++);";

/**
 * Runs work while no core of the machine falls asleep. A core that has nothing to do takes tens of microseconds to wake, most of all in a virtual machine, and one
 * request after the other wakes one four times: that time says how idle the machine was, not what a request costs.
 */
export async function withAwakeCores<T>(work: () => Promise<T>): Promise<T> {
  const spinners = Array.from({ length: availableParallelism() }, () => spawn(process.execPath, ['-e', spin], { stdio: 'ignore' }));
  try {
    return await work();
  } finally {
    for (const spinner of spinners) spinner.kill('SIGKILL');
  }
}
