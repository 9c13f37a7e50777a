import { SoukError } from '@souk/domain';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { boundedErrorBody } from '../errors/report-error.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { currentTrace } from '../trace/trace.ts';
import type { Readiness } from './readiness.ts';

/** Says why whoever sends this authorization header may not read `/metrics`; undefined when they may. */
export type MetricsGuard = (authorization: string | undefined) => SoukError | undefined;

// Routes that are added before Nest's own have no error filter.
function refuse(reply: FastifyReply, error: SoukError): FastifyReply {
  return reply.code(error.entry.http).send(boundedErrorBody(error));
}

/**
 * Adds `/healthz` (this process turns), `/readyz` (503 with the unmet conditions until the service does its work) and `/metrics`
 * (Prometheus text). They lie outside of Nest's routing: no guard, no OpenAPI entry.
 */
export function addProbes(fastify: FastifyInstance, readiness: Readiness, metrics: Metrics, metricsGuard: MetricsGuard = () => undefined): void {
  fastify.get('/healthz', () => ({ status: 'ok' }));
  fastify.get('/readyz', (_request, reply) => {
    const unmet = readiness.unmet();
    if (unmet.length === 0) return { status: 'ready' };
    const reasons = unmet.map(({ name, reason }) => (reason ? `${name} (${reason})` : name)).join(', ');
    return refuse(reply, new SoukError('UNAVAILABLE', `Not ready yet: ${reasons}.`, { details: { unmet }, traceId: currentTrace()?.traceId }));
  });
  fastify.get('/metrics', async (request, reply) => {
    const refusal = metricsGuard(request.headers.authorization);
    if (refusal) return refuse(reply, refusal);
    const { body, contentType } = await metrics.text();
    return reply.type(contentType).send(body);
  });
}
