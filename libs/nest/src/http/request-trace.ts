import type { FastifyInstance, FastifyRequest } from 'fastify';
import { adoptTraceId, continueTrace, newTrace, withinTrace, type Trace } from '../trace/trace.ts';

const traces = new WeakMap<FastifyRequest['raw'], Trace>();

/** The trace of a request, also where the running code has lost it: in callbacks of its socket. */
export function traceOf(request: FastifyRequest): Trace {
  return traces.get(request.raw) ?? newTrace();
}

/**
 * Gives every request a trace: the one of its `traceparent`, else of its `x-trace-id`, else a new one. The answer names it in
 * `x-trace-id`, and whatever handles the request runs within it.
 */
export function traceRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const trace = continueTrace(oneHeader(request.headers.traceparent)) ?? adoptTraceId(oneHeader(request.headers['x-trace-id'])) ?? newTrace();
    traces.set(request.raw, trace);
    void reply.header('x-trace-id', trace.traceId);
    withinTrace(trace, done);
  });
  // The body arrives in callbacks of the socket, outside of the first hook's context.
  fastify.addHook('preValidation', (request, _reply, done) => withinTrace(traceOf(request), done));
}

function oneHeader(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
