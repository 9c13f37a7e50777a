import type { ConfigOf } from '../config/define-config.ts';
import type { telemetryConfig } from './telemetry-config.ts';

/** How traces are recorded and where they go. */
export interface TraceSettings {
  /** Where batches are posted to. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether what the caller decided counts. */
  readonly isParentBased: boolean;
  /** The part of the traces that begin here, from 0 to 1. */
  readonly ratio: number;
  readonly resource: Readonly<Record<string, string>>;
  /** Longest a batch may take to be taken in, in milliseconds. */
  readonly exportMs: number;
}

const longestExportMs = 60_000;
const ratios: Readonly<Record<string, number | undefined>> = { always_on: 1, always_off: 0 };
const samplers = ['always_on', 'always_off', 'traceidratio'];

/** Reads OpenTelemetry's variables as its specification says; undefined when no traces are to be sent. `warn` hears of what can't be used. */
export function traceSettings(config: ConfigOf<typeof telemetryConfig>, warn: (problem: string) => void): TraceSettings | undefined {
  if (config.otlpEndpoint === undefined) return undefined;
  const url = tracesUrl(config.otlpEndpoint);
  if (url === undefined) {
    warn('OTEL_EXPORTER_OTLP_ENDPOINT is no http or https URL: no traces are recorded');
    return undefined;
  }
  const sampler = config.traceSampler.replace(/^parentbased_/, '');
  if (!samplers.includes(sampler)) warn('OTEL_TRACES_SAMPLER is none that Souk knows: parentbased_traceidratio is used');
  const isKnown = samplers.includes(sampler);
  return {
    url,
    headers: pairsOf(config.otlpHeaders),
    isParentBased: !isKnown || config.traceSampler !== sampler,
    ratio: ratios[sampler] ?? ratioOf(config.traceRatio, warn),
    resource: pairsOf(config.traceResource),
    exportMs: millisecondsOf(config.otlpTimeout, warn),
  };
}

function tracesUrl(endpoint: string): string | undefined {
  if (!URL.canParse(endpoint)) return undefined;
  const url = new URL(endpoint);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return url.href;
}

function ratioOf(text: string, warn: (problem: string) => void): number {
  const ratio = Number(text);
  if (text.trim() !== '' && ratio >= 0 && ratio <= 1) return ratio;
  warn('OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1: all traces are recorded');
  return 1;
}

function millisecondsOf(text: string, warn: (problem: string) => void): number {
  const ms = Number(text);
  if (Number.isInteger(ms) && ms > 0 && ms <= longestExportMs) return ms;
  warn(`OTEL_EXPORTER_OTLP_TIMEOUT is no whole number from 1 to ${longestExportMs}: 3000 is used`);
  return 3_000;
}

/** `name=value,name=value`, percent-encoded; what is not of this form is left out. */
function pairsOf(text = ''): Readonly<Record<string, string>> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    return at > 0 && name !== '' ? [[name, decoded(value)]] : [];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
