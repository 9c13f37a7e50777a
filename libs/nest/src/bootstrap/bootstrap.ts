import 'reflect-metadata';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ErrorFilter } from '../errors/error-filter.ts';
import { schemaPipe } from '../errors/schema-pipe.ts';
import { createHttpSide } from '../http/http-side.ts';
import type { HttpLimits } from '../http/http-adapter.ts';
import { listen } from '../http/listen.ts';
import type { Log } from '../log/log.ts';
import { NestLog } from '../log/nest-log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Tracing } from '../trace/tracing.ts';
import type { TransportOptions } from '../transport/transport.ts';
import { connectService, type ServiceParts } from './service-parts.ts';
import { serviceModule } from './service-module.ts';
import { shutDown } from './shut-down.ts';

/** How a service answers HTTP. */
export interface HttpOptions extends HttpLimits {
  /** Address to bind; loopback unless given. */
  readonly host?: string;
  /** Port to bind; any free one unless given. */
  readonly port?: number;
  /** Adds what only this service needs - OpenAPI, content type parsers, Fastify plugins - before its routes exist. */
  readonly configure?: (app: NestFastifyApplication) => void | Promise<void>;
}

/** How a service is started. */
export interface BootstrapOptions {
  /** The service's name, as in the subjects that it serves. */
  readonly name: string;
  readonly transport: TransportOptions;
  /** Which of several peers this is; 0, the primary, unless given. */
  readonly ordinal?: number;
  readonly http?: HttpOptions;
  /** One for all services of a process; to standard error unless given. */
  readonly log?: Log;
  /** One for all services of a process; a new one unless given. */
  readonly metrics?: Metrics;
  /** One for all services of a process; nothing is recorded unless given. */
  readonly tracing?: Tracing;
  /** Milliseconds that calls in work may take to end when the service stops; 10,000 unless given. */
  readonly shutdownMs?: number;
}

/** A service that runs. */
export interface RunningService {
  readonly app: NestFastifyApplication;
  /** Where it answers HTTP. */
  readonly url: string;
  /** Stops gracefully: refuses new work, lets what is in work end within the deadline, then closes transport and stores. */
  close(): Promise<void>;
}

/**
 * Starts a service, alone or among others in one process: HTTP on Fastify with probes and metrics, the site's transport, one error
 * filter and one schema pipe for both. Throws PORT_IN_USE or BAD_CONFIG, or what the module's providers threw.
 */
export async function bootstrap(module: Type<unknown> | DynamicModule, options: BootstrapOptions): Promise<RunningService> {
  const parts = await connectService(options);
  const listening = parts.readiness.condition('listening');
  try {
    const { app, url, drainHttp } = await start(module, parts, options.http ?? {});
    listening.met();
    parts.log.info('started', { url });
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      listening.unmet('stopping');
      return (closing ??= shutDown({ app, parts, drainHttp, shutdownMs: options.shutdownMs ?? 10_000 }));
    };
    return { app, url, close };
  } catch (error) {
    await parts.release();
    throw error;
  }
}

interface Started {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly drainHttp: () => Promise<void>;
}

async function start(module: Type<unknown> | DynamicModule, parts: ServiceParts, http: HttpOptions): Promise<Started> {
  const side = createHttpSide(parts, http);
  const app = await NestFactory.create<NestFastifyApplication>(serviceModule(module, parts), side.adapter, {
    logger: new NestLog(parts.log),
    abortOnError: false,
    bodyParser: false,
  });
  try {
    app.useGlobalPipes(schemaPipe());
    app.useGlobalFilters(new ErrorFilter(parts.log, side.allowedMethods, parts.metrics));
    await http.configure?.(app);
    // Without inheritAppConfig neither pipe nor filter would see what comes over the transport.
    app.connectMicroservice({ strategy: parts.server }, { inheritAppConfig: true });
    await app.init();
    await app.startAllMicroservices();
    const url = await listen(side.fastify, http.host ?? '127.0.0.1', http.port ?? 0);
    return { app, url, drainHttp: () => side.requests.drain() };
  } catch (error) {
    await app.close().catch((late: unknown) => parts.log.warn('A service that failed to start failed to stop', { error: late }));
    throw error;
  }
}
