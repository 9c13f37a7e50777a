import type { ConfigOf } from '../config/define-config.ts';
import type { Log } from '../log/log.ts';
import type { Exporting, ServiceIdentity } from './otlp-tracing.ts';
import { noSpans, type Spans } from './spans.ts';
import type { telemetryConfig } from './telemetry-config.ts';
import { traceSettings, type TraceSettings } from './trace-settings.ts';

/** A service's part in the tracing of its process. */
export interface TracingPart {
  readonly spans: Spans;
  /** The service ends; with the last one what was recorded is sent, or given up after some seconds. Never throws. */
  leave(): Promise<void>;
}

/** The tracing of one process, which its services share. OpenTelemetry is loaded when the first one joins, and not at all without settings. */
export class Tracing {
  readonly #settings: TraceSettings | undefined;
  readonly #log: Log;
  #exporting: Promise<Exporting> | undefined;
  #members = 0;

  constructor(settings: TraceSettings | undefined, log: Log) {
    this.#settings = settings;
    this.#log = log;
  }

  /** Takes a service in. `dropped` hears how many spans could not be sent. */
  async join(identity: ServiceIdentity, dropped: (spans: number) => void): Promise<TracingPart> {
    const settings = this.#settings;
    if (!settings) return { spans: noSpans, leave: async () => undefined };
    this.#members += 1;
    this.#exporting ??= import('./otlp-tracing.ts').then(({ exportTo }) => exportTo(settings, this.#log, dropped));
    const exporting = await this.#exporting;
    return {
      spans: exporting.serve(identity),
      leave: async () => {
        this.#members -= 1;
        if (this.#members === 0) await exporting.stop();
      },
    };
  }
}

/** The tracing of a process by its settings; nothing is opened yet. */
export function tracingOf(config: ConfigOf<typeof telemetryConfig>, log: Log): Tracing {
  return new Tracing(traceSettings(config, (problem) => log.warn(problem)), log);
}
