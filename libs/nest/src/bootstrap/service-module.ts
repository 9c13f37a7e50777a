import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { Readiness } from '../health/readiness.ts';
import { Log } from '../log/log.ts';
import { Metrics } from '../metrics/metrics.ts';
import { Rpc } from '../rpc/rpc.ts';
import { Spans } from '../trace/spans.ts';
import { ServiceContext } from './service-context.ts';
import type { ServiceParts } from './service-parts.ts';

class ServiceModule {}

/** The root module of a service: its own module, and the parts that everybody may inject without importing anything. */
export function serviceModule(module: Type<unknown> | DynamicModule, parts: ServiceParts): DynamicModule {
  const providers: Provider[] = [
    { provide: ServiceContext, useValue: parts.context },
    { provide: Log, useValue: parts.log },
    { provide: Metrics, useValue: parts.metrics },
    { provide: Readiness, useValue: parts.readiness },
    { provide: Spans, useValue: parts.spans },
    { provide: Rpc, useValue: parts.rpc },
  ];
  return { module: ServiceModule, global: true, imports: [module], providers, exports: providers };
}
