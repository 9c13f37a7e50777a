/** Where a piece of work stands in a distributed trace ([W3C Trace Context](https://www.w3.org/TR/trace-context/), level 1). */
export interface Trace {
  /** 32 lower-case hexadecimal digits, the same for everything that one request causes. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits: this piece of work. */
  readonly spanId: string;
  /** Whether whoever began the trace asked for it to be recorded. */
  readonly sampled: boolean;
}

const traceparentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const traceIdPattern = /^[0-9a-f]{32}$/;
const zeros = /^0+$/;
/** Longer ones come from nobody who means it. */
const longest = 128;

/** The piece of work that a `traceparent` names; undefined when it is missing, too long or breaks the format. */
export function parseTraceparent(traceparent: string | undefined): Trace | undefined {
  if (traceparent === undefined || traceparent.length > longest) return undefined;
  const [, version, traceId, spanId, flags] = traceparentPattern.exec(traceparent) ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === 'ff' || zeros.test(traceId) || zeros.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The `traceparent` of a piece of work. */
export function formatTraceparent({ traceId, spanId, sampled }: Trace): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** Whether a text is a trace id. */
export function isTraceId(text: string | undefined): text is string {
  return text !== undefined && traceIdPattern.test(text) && !zeros.test(text);
}
