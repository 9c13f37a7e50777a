import { SoukError } from '@souk/domain';
import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics/metrics.ts';
import type { Readiness } from './readiness.ts';

/**
 * Adds `/healthz` (this process turns), `/readyz` (503 with the unmet conditions until the service does its work) and `/metrics`
 * (Prometheus text). They lie outside of Nest's routing: no guard, no OpenAPI entry.
 */
export function addProbes(fastify: FastifyInstance, readiness: Readiness, metrics: Metrics): void {
  fastify.get('/healthz', () => ({ status: 'ok' }));
  fastify.get('/readyz', () => {
    const unmet = readiness.unmet();
    if (unmet.length === 0) return { status: 'ready' };
    const reasons = unmet.map(({ name, reason }) => (reason ? `${name} (${reason})` : name)).join(', ');
    throw new SoukError('UNAVAILABLE', `Not ready yet: ${reasons}.`, { details: { unmet } });
  });
  fastify.get('/metrics', async (_request, reply) => {
    const { body, contentType } = await metrics.text();
    return reply.type(contentType).send(body);
  });
}
