import { isSoukError, type ErrorCode } from '@souk/domain';
import pRetry from 'p-retry';
import type { Context } from '../context.ts';
import type { Gateway } from '../gateway/gateway.ts';

/** Does something at a site again and again while the site is away for a moment. What is asked must be safe to be asked twice. */
export type Patience = <T>(work: () => Promise<T>) => Promise<T>;

/** Failures after which the same request may soon succeed. */
const passing: readonly ErrorCode[] = ['UNAVAILABLE', 'TIMEOUT', 'RATE_LIMITED'];

/** Pauses of 0.25, 0.5, 1, 2 and then 4 seconds. */
const pauses = { retries: Number.POSITIVE_INFINITY, minTimeout: 250, factor: 2, maxTimeout: 4000 };

/** The patience of an import: as long as an answer may take, by SOUK_TIMEOUT. Says before each pause why it waits. */
export function patienceOf({ host, out }: Pick<Context, 'host' | 'out'>, gateway: Pick<Gateway, 'deadlineMs'>): Patience {
  return (work) =>
    pRetry(work, {
      ...pauses,
      maxRetryTime: gateway.deadlineMs,
      signal: host.signal,
      shouldRetry: ({ error }) => isSoukError(error) && passing.includes(error.code),
      onFailedAttempt: ({ error, retryDelay }) => {
        if (retryDelay > 0) out.note(`${error.message} Trying again in ${retryDelay / 1000} s.`);
      },
    });
}
