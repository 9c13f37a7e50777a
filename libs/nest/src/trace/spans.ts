import { isSoukError } from '@souk/domain';
import type { Trace } from '@souk/contracts';
import { currentTrace, newTrace, nextHop, withinTrace } from './trace.ts';

/** Values that a span may carry. Never a secret, a token, or what a user wrote. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** What a piece of work is. */
export interface SpanFacts {
  /** One of few: routes, subjects and protocols, never a path or a name of a package. */
  readonly name: string;
  /** `server` and `consumer` answer what came over a wire, `client` and `producer` send. */
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  readonly attributes?: SpanAttributes;
}

/** Where a piece of work comes from, other than from the running code. */
export interface SpanOrigin {
  /** What it is a part of; a new trace begins without one. */
  readonly parent?: Trace | undefined;
  /** Id of the trace that begins, where somebody has chosen one. */
  readonly traceId?: string | undefined;
  /** What it has to do with without being a part of it: the trace of somebody who is not trusted. */
  readonly link?: Trace | undefined;
}

/** A piece of work that has begun. */
export interface Span {
  readonly trace: Trace;
  /** Adds attributes. */
  note(attributes: SpanAttributes): void;
  /** It is over; with a code of the error table when it failed. */
  end(code?: string): void;
}

/** Begins pieces of work of one service, and records them where that is wanted. Without an origin they are a part of what the running code does. */
export abstract class Spans {
  /** Whether anything may be recorded. */
  abstract readonly isOn: boolean;
  abstract begin(facts: SpanFacts, origin?: SpanOrigin): Span;
}

const ignore = (): void => undefined;

class NoSpans extends Spans {
  readonly isOn = false;

  begin({ kind }: SpanFacts, origin: SpanOrigin = { parent: currentTrace() }): Span {
    const { parent } = origin;
    const isHop = kind === 'server' || kind === 'consumer';
    const trace = parent ? (isHop ? nextHop(parent) : parent) : newTrace(origin.traceId);
    return { trace, note: ignore, end: ignore };
  }
}

/** Records nothing; ids are handed on all the same, so that logs and errors can be found by them. */
export const noSpans: Spans = new NoSpans();

/** Does a piece of work within a span, which ends with it. */
export async function inSpan<T>(spans: Spans, facts: SpanFacts, work: (span: Span) => Promise<T>, origin?: SpanOrigin): Promise<T> {
  const span = spans.begin(facts, origin);
  let code: string | undefined;
  try {
    return await withinTrace(span.trace, () => work(span));
  } catch (error) {
    code = isSoukError(error) ? error.code : 'INTERNAL';
    throw error;
  } finally {
    span.end(code);
  }
}
