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

/**
 * Does work under a signal that aborts when `signal` does, or after `timeoutMs` with a TimeoutError. Nothing is left of it when the work has ended: a signal
 * of `AbortSignal.timeout` lives until its time has come, and then makes an error and wakes whoever listens to what is long over.
 */
export async function underDeadline<T>({ timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const control = new AbortController();
  const onAbort = (): void => control.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => control.abort(new DOMException('It took too long.', 'TimeoutError')), timeoutMs).unref();
  try {
    return await work(control.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Whether so many milliseconds went by before the signal aborted. */
export function elapsed(ms: number, signal: AbortSignal): Promise<boolean> {
  return elapse(ms, true, { signal }).catch(() => false);
}
