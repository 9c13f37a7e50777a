import { isTraceId, parseTraceparent, type Trace } from '@souk/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { noSpans, type Spans } from '../trace/spans.ts';
import { newTrace, withinTrace } from '../trace/trace.ts';
import { probes } from './requests-in-work.ts';

const traces = new WeakMap<FastifyRequest['raw'], Trace>();

/** The trace of a request, also where the running code has lost it: in callbacks of its socket. */
export function traceOf(request: FastifyRequest): Trace {
  return traces.get(request.raw) ?? newTrace();
}

/**
 * Gives every request a span: in the trace of its `traceparent`, else in one with the id of its `x-trace-id`, else in a new one. The answer names
 * the trace in `x-trace-id`, and whatever handles the request runs within it. Probes are not recorded.
 */
export function traceRequests(fastify: FastifyInstance, spans: Spans): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, headers, routeOptions } = request;
    const chosen = oneHeader(headers['x-trace-id']);
    const route = routeOptions.url;
    const recorder = probes.has(request.url) ? noSpans : spans;
    const facts = { name: route === undefined ? method : `${method} ${route}`, kind: 'server', attributes: { 'http.request.method': method, ...(route === undefined ? {} : { 'http.route': route }) } } as const;
    const span = recorder.begin(facts, { parent: parseTraceparent(oneHeader(headers.traceparent)), traceId: isTraceId(chosen) ? chosen : undefined });
    traces.set(request.raw, span.trace);
    void reply.header('x-trace-id', span.trace.traceId);
    if (recorder.isOn) {
      reply.raw.once('close', () => {
        const { statusCode } = reply.raw;
        span.note({ 'http.response.status_code': statusCode });
        span.end(statusCode >= 500 ? String(statusCode) : undefined);
      });
    }
    withinTrace(span.trace, done);
  });
  // The body arrives in callbacks of the socket, outside of the first hook's context.
  fastify.addHook('preValidation', (request, _reply, done) => withinTrace(traceOf(request), done));
}

function oneHeader(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
