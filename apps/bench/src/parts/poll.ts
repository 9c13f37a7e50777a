import { setTimeout as wait } from 'node:timers/promises';
import { throwIfAborted } from '@souk/domain';

const everyMs = 50;

/** Asks again and again until the answer is yes. Throws TIMEOUT, or CANCELLED when the run is interrupted. Never part of what is timed. */
export async function poll(what: string, timeoutMs: number, signal: AbortSignal, isSo: () => Promise<boolean>): Promise<void> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  while (!(await isSo())) {
    throwIfAborted(either, `Waiting until ${what}`);
    await wait(everyMs);
  }
}
