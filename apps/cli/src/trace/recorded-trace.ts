import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Span } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, TraceIdRatioBasedSampler, TracerProvider, type Sampler } from '@opentelemetry/sdk-trace';
import { formatTraceparent } from '@souk/contracts';
import type { CommandTrace } from './command-trace.ts';

/** Longest that a command waits for a collector when it is over, unless OTEL_EXPORTER_OTLP_TIMEOUT says otherwise. */
const defaultExportMs = 1_000;
const mostWaiting = 512;

/** A trace that is sent to a collector; what the collector does with it is no concern of the command. Throws for an endpoint that is no URL. */
export function recordedTrace(env: Readonly<Record<string, string | undefined>>, { endpoint, command, version }: { readonly endpoint: string; readonly command: string; readonly version: string }): CommandTrace {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  const given = Number(env['OTEL_EXPORTER_OTLP_TIMEOUT']);
  const exportMs = given > 0 && given <= 60_000 ? given : defaultExportMs;
  // Headers are read from OTEL_EXPORTER_OTLP_HEADERS by the exporter itself.
  const exporter = new OTLPTraceExporter({ url: url.href, timeoutMillis: exportMs });
  const processor = new BatchSpanProcessor({ exporter, maxQueueSize: mostWaiting, scheduledDelayMillis: 5_000, exportTimeoutMillis: exportMs });
  const resource = resourceFromAttributes({ 'service.name': 'souk-cli', 'service.version': version });
  const tracer = new TracerProvider({ resource, sampler: samplerOf(env), spanProcessors: [processor] }).getTracer('souk', version);
  const root = tracer.startSpan(`souk ${command}`, { kind: SpanKind.INTERNAL }, ROOT_CONTEXT);
  const within = trace.setSpan(ROOT_CONTEXT, root);
  const open = new Set<Span>();
  return {
    request: (method, route) => {
      const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.CLIENT, attributes: { 'http.request.method': method, 'http.route': route } }, within);
      open.add(span);
      return {
        headers: { traceparent: traceparentOf(span) },
        end: ({ status, code }) => {
          if (!open.delete(span)) return;
          if (status !== undefined) span.setAttribute('http.response.status_code', status);
          const failure = code ?? (status !== undefined && status >= 400 ? String(status) : undefined);
          if (failure !== undefined) span.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    end: async (exitCode) => {
      for (const span of open) span.end();
      root.setAttribute('process.exit.code', exitCode);
      if (exitCode !== 0) root.setStatus({ code: SpanStatusCode.ERROR });
      root.end();
      await processor.shutdown().catch(() => undefined);
    },
  };
}

function samplerOf(env: Readonly<Record<string, string | undefined>>): Sampler {
  const [name, ratio] = [env['OTEL_TRACES_SAMPLER'] ?? '', Number(env['OTEL_TRACES_SAMPLER_ARG'] ?? '')];
  if (name.endsWith('always_off')) return new AlwaysOffSampler();
  return name.endsWith('traceidratio') && env['OTEL_TRACES_SAMPLER_ARG'] !== undefined && ratio >= 0 && ratio <= 1 ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler();
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return formatTraceparent({ traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 });
}
