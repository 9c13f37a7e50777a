import type { DynamicModule } from '@nestjs/common';
import { bootstrap, createLog, createMetrics, InProcessBroker, Readiness, tracingOf, type BootstrapOptions, type HttpOptions, type RunningService } from '@souk/nest';
import type { LogLevel } from '@souk/nest';

/** Services of one process: they share broker, log and metrics, and are closed in the reverse order of their start. */
export class RunningServices {
  readonly #shared: Omit<BootstrapOptions, 'name' | 'http'>;
  readonly #running: RunningService[] = [];

  /** Traces are recorded where the settings say so. */
  constructor(logLevel: LogLevel, telemetry?: Parameters<typeof tracingOf>[0]) {
    const log = createLog({ level: logLevel });
    this.#shared = { transport: { type: 'in-process', broker: new InProcessBroker() }, log, metrics: createMetrics(), ...(telemetry ? { tracing: tracingOf(telemetry, log) } : {}) };
  }

  /** Starts one more. Without `http` it answers probes on any free port of loopback; `ordinal` is which of several peers it is. Throws what its module throws. */
  async start(name: string, module: DynamicModule, http: HttpOptions = {}, ordinal = 0): Promise<RunningService> {
    const service = await bootstrap(module, { ...this.#shared, name, ordinal, http });
    this.#running.push(service);
    return service;
  }

  /** Resolves when all of them do their work. */
  async ready(): Promise<void> {
    await Promise.all(this.#running.map((service) => service.app.get(Readiness).whenReady()));
  }

  /** Closes all, the last one first; those before are closed even when one fails. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const service of this.#running.splice(0).reverse()) await service.close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
