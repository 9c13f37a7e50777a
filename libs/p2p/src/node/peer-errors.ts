import { abortError, isSoukError, SoukError } from '@souk/domain';

/** The error of a dial that failed: who was meant, and what usually is the matter. `isLate`: nobody refused, but it took too long. */
export function dialError(target: string, error: unknown, signal: AbortSignal | undefined, isLate = false): SoukError {
  if (isSoukError(error)) return error;
  if (signal?.aborted) return abortError(signal, 'Dialling the peer');
  return new SoukError('PEER_UNREACHABLE', `The peer at ${target} can't be reached.`, { hint: 'Check that it runs, that the address is right, and that both have the same network key.', details: { peer: target, ...(isLate ? { isLate } : {}) }, cause: error });
}

/** Whether a dial failed because it took too long: the peer may be there, and it or this one too busy. */
export function wasLate(error: unknown): boolean {
  return isSoukError(error) && error.code === 'PEER_UNREACHABLE' && error.details?.isLate === true;
}

/** The error of a node that could not start. */
export function listenError(listen: readonly string[], error: unknown): unknown {
  const text = [error, ...(error instanceof AggregateError ? error.errors : []), (error as { cause?: unknown }).cause].map(String).join(' ');
  if (text.includes('EADDRINUSE')) return new SoukError('PORT_IN_USE', `Another program listens on ${listen.join(', ')}.`, { hint: 'Choose another port, or 0 for any.', cause: error });
  if (error instanceof Error && /^(UnsupportedListenAddress|NoValidAddresses|InvalidMultiaddr|UnsupportedListenAddresses)/.test(error.name)) return new SoukError('BAD_REQUEST', `This machine can't listen on ${listen.join(', ')}.`, { hint: 'An address looks like /ip4/0.0.0.0/tcp/7686.', cause: error });
  return error;
}
