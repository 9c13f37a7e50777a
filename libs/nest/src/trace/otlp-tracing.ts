import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler, RandomIdGenerator, TraceIdRatioBasedSampler, TracerProvider, type IdGenerator, type ReadableSpan, type Sampler, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '../log/log.ts';
import { SdkSpans } from './sdk-spans.ts';
import type { Spans } from './spans.ts';
import type { TraceSettings } from './trace-settings.ts';

/** Who does the work that spans tell of. */
export interface ServiceIdentity {
  readonly name: string;
  readonly version: string;
  readonly ordinal: number;
}

/** Where the spans of a process go. */
export interface Exporting {
  /** Spans of one service. */
  serve(identity: ServiceIdentity): Spans;
  /** Sends what is left and ends; never throws. */
  stop(): Promise<void>;
}

/** Spans that wait; further ones are dropped. */
const mostWaiting = 2_048;
const mostAttributes = 32;
const longestAttribute = 256;

/** Begins to export to a collector. */
export function exportTo(settings: TraceSettings, log: Log, dropped: (spans: number) => void): Exporting {
  const { url, headers, exportMs } = settings;
  const exporter = new WatchedExporter(new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: exportMs, concurrencyLimit: 2 }), { url, log, dropped });
  const processor = new BatchSpanProcessor({ exporter, maxQueueSize: mostWaiting, scheduledDelayMillis: 1_000, exportTimeoutMillis: exportMs + 500 });
  const sampler = samplerOf(settings);
  const instance = `${hostname()}/${randomUUID().slice(0, 8)}`;
  return {
    serve: ({ name, version, ordinal }) => {
      const idGenerator = new ChosenIds();
      const resource = resourceFromAttributes({ ...settings.resource, 'service.name': `souk-${name}`, 'service.version': version, 'service.instance.id': `${instance}/${ordinal}` });
      const provider = new TracerProvider({ resource, sampler, idGenerator, spanProcessors: [processor], spanLimits: { attributeCountLimit: mostAttributes, attributeValueLengthLimit: longestAttribute } });
      return new SdkSpans(provider.getTracer('souk', version), (traceId) => idGenerator.choose(traceId));
    },
    stop: () => processor.shutdown().catch(() => undefined),
  };
}

function samplerOf({ isParentBased, ratio }: TraceSettings): Sampler {
  const root = ratio === 1 ? new AlwaysOnSampler() : ratio === 0 ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio);
  return isParentBased ? new ParentBasedSampler({ root }) : root;
}

/** Random ids, but that a trace may get the id that somebody has chosen for it. */
class ChosenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #chosen: string | undefined;

  generateTraceId(): string {
    return this.#chosen ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#random.generateSpanId();
  }

  /** Says which id the next trace that begins has. */
  choose(traceId: string | undefined): void {
    this.#chosen = traceId;
  }
}

/** An exporter that says once that nobody takes its spans, and once that somebody does again: spans are never worth more than a line. */
class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #needs: { readonly url: string; readonly log: Log; dropped(spans: number): void };
  #isFailing = false;

  constructor(exporter: SpanExporter, needs: { readonly url: string; readonly log: Log; dropped(spans: number): void }) {
    this.#exporter = exporter;
    this.#needs = needs;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, ({ code, error }) => {
      this.#note(code === ExportResultCode.SUCCESS, spans.length, error);
      done({ code: ExportResultCode.SUCCESS });
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #note(isSent: boolean, spans: number, error: Error | undefined): void {
    const { url, log, dropped } = this.#needs;
    const collector = new URL(url).host;
    if (!isSent) dropped(spans);
    if (!isSent && !this.#isFailing) log.warn('Traces are not taken in; they are dropped until they are', { collector, reason: error?.message.slice(0, 200) });
    if (isSent && this.#isFailing) log.info('Traces are taken in again', { collector });
    this.#isFailing = !isSent;
  }
}
