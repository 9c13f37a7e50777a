import { z } from 'zod';
import { defineConfig } from '../config/define-config.ts';

/** How traces leave a service: OpenTelemetry's own variables, by its own rules: what can't be used is said in the log and counts as unset. */
export const telemetryConfig = defineConfig({
  otlpEndpoint: { env: 'OTEL_EXPORTER_OTLP_ENDPOINT', schema: z.string().optional(), help: 'Collector that traces are sent to (OTLP over HTTP, JSON), e.g. http://collector:4318. Unset: none are recorded.' },
  otlpHeaders: { env: 'OTEL_EXPORTER_OTLP_HEADERS', schema: z.string().optional(), secret: true, help: 'HTTP headers for it: name=value,name=value.' },
  otlpTimeout: { env: 'OTEL_EXPORTER_OTLP_TIMEOUT', schema: z.string(), default: '3000', help: 'Milliseconds that a batch may take to be taken in, tries again included; a service that stops waits as long at most.' },
  traceSampler: { env: 'OTEL_TRACES_SAMPLER', schema: z.string(), default: 'parentbased_traceidratio', help: 'Which traces are recorded: (parentbased_)always_on, always_off or traceidratio. Parent-based: those that the caller records, and this of the others.' },
  traceRatio: { env: 'OTEL_TRACES_SAMPLER_ARG', schema: z.string(), default: '1', help: 'Which part of the traces that begin here is recorded, from 0 to 1.' },
  traceResource: { env: 'OTEL_RESOURCE_ATTRIBUTES', schema: z.string().optional(), help: 'What traces say of this service beside its name, version and instance: name=value,name=value.' },
});
