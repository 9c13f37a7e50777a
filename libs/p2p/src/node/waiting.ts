import { setTimeout as elapse } from 'node:timers/promises';
import { abortError, SoukError } from '@souk/domain';

/** Waits for a promise, but no longer than the signal allows; the work behind it goes on. Throws CANCELLED, TIMEOUT. */
export async function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> {
  if (!signal) return promise;
  if (signal.aborted) {
    // Nobody will hear of it any more, so its failure is no bug either.
    promise.catch(() => undefined);
    throw abortError(signal, what);
  }
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(abortError(signal, what));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Waits for a promise, but no longer than `timeoutMs` and the signal allow; the work behind it goes on. Throws CANCELLED, TIMEOUT. */
export async function within<T>(promise: Promise<T>, step: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new SoukError('TIMEOUT', `${what} took too long.`)), step.timeoutMs);
  try {
    return await orAbort(Promise.race([promise, late]), step.signal, what);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether so many milliseconds went by before the signal aborted. */
export function elapsed(ms: number, signal: AbortSignal): Promise<boolean> {
  return elapse(ms, true, { signal }).catch(() => false);
}
