import { SoukError } from '@souk/domain';
import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics/metrics.ts';

/** Paths that are answered while a service stops. */
export const probes = new Set<string>(['/healthz', '/readyz', '/metrics']);

/** The HTTP requests that are being answered. */
export interface RequestsInWork {
  /** Refuses further requests, and resolves when the last one in work has been answered or its connection has gone. */
  drain(): Promise<void>;
}

/** Counts and times requests, and knows which are in work. */
export function watchRequests(fastify: FastifyInstance, metrics: Metrics): RequestsInWork {
  const total = metrics.counter('souk_http_total');
  const seconds = metrics.histogram('souk_http_seconds');
  let inWork = 0;
  let emptied: (() => void) | undefined;
  fastify.addHook('onRequest', (request, reply, done) => {
    if (emptied && !probes.has(request.url)) {
      void reply.header('connection', 'close');
      return done(new SoukError('UNAVAILABLE', 'The service is stopping.', { hint: 'Try again in a moment.' }));
    }
    const startedAt = performance.now();
    inWork += 1;
    reply.raw.once('close', () => {
      const labels = { method: request.method, route: request.routeOptions.url ?? 'none' };
      inWork -= 1;
      total.add({ ...labels, status: String(reply.raw.statusCode) });
      seconds.observe(labels, (performance.now() - startedAt) / 1000);
      if (inWork === 0) emptied?.();
    });
    done();
  });
  return {
    drain: () =>
      new Promise((resolve) => {
        emptied = resolve;
        if (inWork === 0) resolve();
      }),
  };
}
