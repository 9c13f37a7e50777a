import { setTimeout as wait } from 'node:timers/promises';

const everyMs = 100;

/** Asks again and again until the answer is yes; the run's own limits end a vain wait. Never part of a figure of milliseconds. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(everyMs);
}
