import type { FastifyInstance } from 'fastify';
import { adoptTraceId, continueTrace, newTrace, withinTrace, type Trace } from '../trace/trace.ts';

/**
 * Gives every request a trace: the one of its `traceparent`, else of its `x-trace-id`, else a new one. The answer names it in
 * `x-trace-id`, and whatever handles the request runs within it.
 */
export function traceRequests(fastify: FastifyInstance): void {
  const traces = new WeakMap<object, Trace>();
  fastify.addHook('onRequest', (request, reply, done) => {
    const trace = continueTrace(oneHeader(request.headers.traceparent)) ?? adoptTraceId(oneHeader(request.headers['x-trace-id'])) ?? newTrace();
    traces.set(request.raw, trace);
    void reply.header('x-trace-id', trace.traceId);
    withinTrace(trace, done);
  });
  // Reading the body happens in callbacks of the socket, outside of the first hook's context.
  fastify.addHook('preValidation', (request, _reply, done) => withinTrace(traces.get(request.raw) ?? newTrace(), done));
}

function oneHeader(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
