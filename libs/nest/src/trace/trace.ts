import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** Where the running code stands in a distributed trace (W3C Trace Context, level 1). */
export interface Trace {
  /** 32 lower-case hex digits, the same from the HTTP edge to the last handler. */
  readonly traceId: string;
  /** 16 lower-case hex digits: this hop. */
  readonly spanId: string;
  /** Whether whoever began the trace asked for it to be recorded. */
  readonly sampled: boolean;
}

const traceparentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const traceIdPattern = /^[0-9a-f]{32}$/;
const zeros = /^0+$/;
const storage = new AsyncLocalStorage<Trace>();

/** A trace that nobody began before. */
export function newTrace(): Trace {
  return { traceId: randomUUID().replaceAll('-', ''), spanId: newSpanId(), sampled: false };
}

/** The next hop of the trace that a `traceparent` header names; undefined when the header is missing or breaks the format. */
export function continueTrace(traceparent: string | undefined): Trace | undefined {
  const [, version, traceId, parentId, flags] = traceparentPattern.exec(traceparent ?? '') ?? [];
  if (version === undefined || traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  if (version === 'ff' || zeros.test(traceId) || zeros.test(parentId)) return undefined;
  return { traceId, spanId: newSpanId(), sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** A hop of the trace with this id, for callers that know the id only; undefined when it is no trace id. */
export function adoptTraceId(traceId: string | undefined): Trace | undefined {
  if (traceId === undefined || !traceIdPattern.test(traceId) || zeros.test(traceId)) return undefined;
  return { traceId, spanId: newSpanId(), sampled: false };
}

/** The header value that hands a trace to the next hop. */
export function traceparentOf(trace: Trace): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`;
}

/** The trace of the running code, if it runs within one. */
export function currentTrace(): Trace | undefined {
  return storage.getStore();
}

/** Runs a function, and all that it awaits, within a trace. */
export function withinTrace<T>(trace: Trace, run: () => T): T {
  return storage.run(trace, run);
}

/** Digits of a UUID that are all random; Node draws those in stock, where a call for random bytes costs some microseconds in each hop. */
function newSpanId(): string {
  const uuid = randomUUID();
  return uuid.slice(0, 4) + uuid.slice(24);
}
