import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Context, type SpanContext, type Tracer } from '@opentelemetry/api';
import type { Trace } from '@souk/contracts';
import { errorTable } from '@souk/domain';
import { Spans, type Span, type SpanAttributes, type SpanFacts, type SpanOrigin } from './spans.ts';
import { currentTrace } from './trace.ts';

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL } as const;
const codes: Readonly<Record<string, { readonly http: number } | undefined>> = errorTable;

/** Records spans by OpenTelemetry. */
export class SdkSpans extends Spans {
  readonly isOn = true;
  readonly #tracer: Tracer;
  readonly #chooseTraceId: (traceId: string | undefined) => void;

  /** `chooseTraceId` says which id the next trace that begins has. */
  constructor(tracer: Tracer, chooseTraceId: (traceId: string | undefined) => void) {
    super();
    this.#tracer = tracer;
    this.#chooseTraceId = chooseTraceId;
  }

  begin({ name, kind, attributes }: SpanFacts, origin: SpanOrigin = { parent: currentTrace() }): Span {
    const { parent, link, traceId } = origin;
    this.#chooseTraceId(parent ? undefined : traceId);
    const links = link ? [{ context: contextOf(link) }] : [];
    const span = this.#tracer.startSpan(name, { kind: kinds[kind], links, ...(attributes ? { attributes } : {}) }, parentContext(parent));
    const context = span.spanContext();
    return {
      trace: { traceId: context.traceId, spanId: context.spanId, sampled: (context.traceFlags & TraceFlags.SAMPLED) !== 0 },
      note: (more: SpanAttributes) => void span.setAttributes(more),
      end: (code) => {
        if (code !== undefined) span.setAttribute('error.type', code);
        // What was asked wrongly, or is not there, is an answer; what is broken is an error.
        if (code !== undefined && (codes[code]?.http ?? 500) >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }
}

function parentContext(parent: Trace | undefined): Context {
  return parent ? trace.setSpanContext(ROOT_CONTEXT, contextOf(parent)) : ROOT_CONTEXT;
}

function contextOf({ traceId, spanId, sampled }: Trace): SpanContext {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}
