import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { formatTraceparent, type Trace } from '@souk/contracts';

const storage = new AsyncLocalStorage<Trace>();

/** A trace that nobody began before, or that is known by its id only. */
export function newTrace(traceId = randomUUID().replaceAll('-', '')): Trace {
  return { traceId, spanId: newSpanId(), sampled: false };
}

/** A further piece of work in a trace. */
export function nextHop({ traceId, sampled }: Trace): Trace {
  return { traceId, spanId: newSpanId(), sampled };
}

/** The trace of the running code, if it runs within one. */
export function currentTrace(): Trace | undefined {
  return storage.getStore();
}

/** Runs a function, and all that it awaits, within a trace. */
export function withinTrace<T>(trace: Trace, run: () => T): T {
  return storage.run(trace, run);
}

/** HTTP headers that hand the trace of the running code on. */
export function traceHeaders(): Readonly<Record<string, string>> {
  const trace = currentTrace();
  return trace ? { traceparent: formatTraceparent(trace) } : {};
}

/** Digits of a UUID that are all random; Node draws those in stock, where a call for random bytes costs some microseconds in each hop. */
function newSpanId(): string {
  const uuid = randomUUID();
  return uuid.slice(0, 4) + uuid.slice(24);
}
