import { isSoukError, SoukError } from './souk-error.ts';

/** The error that stands for an aborted signal: TIMEOUT when a deadline passed, CANCELLED when someone gave up. */
export function abortError(signal: AbortSignal, what: string): SoukError {
  const reason: unknown = signal.reason;
  if (isSoukError(reason)) return reason;
  // By name, not by class: a DOMException of another realm is no Error of this one.
  if ((reason as { name?: unknown } | null)?.name === 'TimeoutError') {
    return new SoukError('TIMEOUT', `${what} took too long.`, { hint: 'Try again; the site may be busy.', cause: reason });
  }
  return new SoukError('CANCELLED', `${what} was cancelled.`, { cause: reason });
}

/** Throws when the signal is aborted; does nothing without one. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw abortError(signal, what);
}
