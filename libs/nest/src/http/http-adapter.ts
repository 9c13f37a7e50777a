import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { boundedErrorBody, reportError } from '../errors/report-error.ts';
import { fromHttpError } from '../errors/http-error.ts';
import type { MetricsGuard } from '../health/probes.ts';
import type { Log } from '../log/log.ts';
import { refuseConnection } from './client-error.ts';

/** Limits of what a client may send. */
export interface HttpLimits {
  /** Most bytes of a parsed body; 1 MiB unless given. Streamed bodies have limits of their own. */
  readonly bodyLimit?: number;
  /** Longest time in which a whole request, body included, must arrive; 30 s unless given, 0 for none. */
  readonly requestTimeoutMs?: number;
  /** Who may read `/metrics`; anyone unless given. */
  readonly metricsGuard?: MetricsGuard;
}

const headersTimeoutMs = 10_000;
/** How often Node looks for connections that break these limits; its own 30 s would make 10 s up to 40. */
const checkingIntervalMs = 2_000;
const mostHeaders = 100;
const longestPathPart = 512;

/** Nest's Fastify adapter with Souk's limits; Fastify's own errors reach the error filter as they are, with their codes. */
export class SoukHttpAdapter extends FastifyAdapter {
  override mapException(error: unknown): unknown {
    return error;
  }
}

/** Makes the HTTP side of a service: JSON bodies only, and even what Fastify answers before any route has our error body. */
export function createHttpAdapter(log: Log, limits: HttpLimits = {}): SoukHttpAdapter {
  const adapter = new SoukHttpAdapter({
    bodyLimit: limits.bodyLimit ?? 1_048_576,
    requestTimeout: limits.requestTimeoutMs ?? 30_000,
    routerOptions: { maxParamLength: longestPathPart },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    http: { connectionsCheckingInterval: checkingIntervalMs },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
      const shown = reportError(fromHttpError(error) ?? error, log, 'A request');
      void reply.code(shown.entry.http).type('application/json; charset=utf-8').send(JSON.stringify(boundedErrorBody(shown)));
    },
  });
  const fastify = adapter.getInstance();
  fastify.removeContentTypeParser('text/plain');
  fastify.server.headersTimeout = headersTimeoutMs;
  fastify.server.maxHeadersCount = mostHeaders;
  return adapter;
}
