import type { FastifyInstance } from 'fastify';
import { addProbes } from '../health/probes.ts';
import type { Readiness } from '../health/readiness.ts';
import type { Log } from '../log/log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Spans } from '../trace/spans.ts';
import { collectMethods, type AllowedMethods } from './allowed-methods.ts';
import { createHttpAdapter, type HttpLimits, type SoukHttpAdapter } from './http-adapter.ts';
import { traceRequests } from './request-trace.ts';
import { watchRequests, type RequestsInWork } from './requests-in-work.ts';

/** The HTTP half of a service, before Nest adds its routes. */
export interface HttpSide {
  readonly adapter: SoukHttpAdapter;
  readonly fastify: FastifyInstance;
  readonly requests: RequestsInWork;
  readonly allowedMethods: AllowedMethods;
}

/** Sets up Fastify with limits, traces, metrics and probes. */
export function createHttpSide(parts: { log: Log; metrics: Metrics; readiness: Readiness; spans: Spans }, limits: HttpLimits = {}): HttpSide {
  const adapter = createHttpAdapter(parts.log, limits);
  const fastify: FastifyInstance = adapter.getInstance();
  const allowedMethods = collectMethods(fastify);
  traceRequests(fastify, parts.spans);
  const requests = watchRequests(fastify, parts.metrics);
  addProbes(fastify, parts.readiness, parts.metrics, limits.metricsGuard);
  return { adapter, fastify, requests, allowedMethods };
}
