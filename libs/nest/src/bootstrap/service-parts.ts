import { soukVersion } from '@souk/contracts';
import { Readiness } from '../health/readiness.ts';
import { createLog, silentLog, type Log } from '../log/log.ts';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import { Calls } from '../rpc/calls.ts';
import { callMetrics, droppedEvents } from '../rpc/rpc-metrics.ts';
import { RpcServer } from '../rpc/rpc-server.ts';
import { Rpc } from '../rpc/rpc.ts';
import type { Spans } from '../trace/spans.ts';
import { Tracing } from '../trace/tracing.ts';
import { watchTransport } from '../transport/transport-state.ts';
import { connectTransport, type TransportOptions } from '../transport/transport.ts';
import { ServiceContext } from './service-context.ts';

/** What a service consists of beside its own module. */
export interface ServiceParts {
  readonly context: ServiceContext;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly spans: Spans;
  readonly rpc: Rpc;
  readonly server: RpcServer;
  /** Tells what runs in the background to end. */
  readonly stop: () => void;
  /** Closes the connection; calls that still wait become UNAVAILABLE. */
  readonly release: () => Promise<void>;
}

/** What is needed to make them. */
export interface ServicePartsOptions {
  readonly name: string;
  readonly transport: TransportOptions;
  readonly ordinal?: number;
  readonly log?: Log;
  readonly metrics?: Metrics;
  readonly tracing?: Tracing;
}

const noTracing = new Tracing(undefined, silentLog);

/** Opens a service's connection and makes the parts that use it. */
export async function connectService(options: ServicePartsOptions): Promise<ServiceParts> {
  const log = (options.log ?? createLog()).with({ service: options.name });
  const metrics = options.metrics ?? createMetrics();
  const ordinal = options.ordinal ?? 0;
  const noteDropped = droppedEvents(metrics);
  const noteUnsent = metrics.counter('souk_spans_dropped_total');
  const readiness = new Readiness();
  const onState = watchTransport(options.transport, readiness, log);
  const connection = await connectTransport(options.transport, { name: options.name, onDropped: noteDropped, ...(onState ? { onState } : {}) });
  const { spans, leave } = await (options.tracing ?? noTracing).join({ name: options.name, version: soukVersion, ordinal }, (count) => noteUnsent.add({}, count));
  const calls = new Calls(connection);
  const stopping = new AbortController();
  metrics.gauge('souk_ready', { service: options.name }, () => (readiness.unmet().length === 0 ? 1 : 0));
  metrics.gauge('souk_rpc_waiting', { service: options.name }, () => calls.waiting);
  return {
    context: new ServiceContext(options.name, ordinal, stopping.signal),
    log,
    metrics,
    readiness,
    spans,
    rpc: new Rpc(calls, log, callMetrics(metrics, 'client'), spans),
    server: new RpcServer({ connection, log, noteCall: callMetrics(metrics, 'server'), noteDropped, ordinal, spans }),
    stop: () => stopping.abort(),
    release: async () => {
      stopping.abort();
      calls.close();
      await connection.close();
      await leave();
    },
  };
}
