import { expect, test } from '@jest/globals';
import { loadConfig } from '../config/load-config.ts';
import { telemetryConfig } from './telemetry-config.ts';
import { traceSettings, type TraceSettings } from './trace-settings.ts';

function read(env: Readonly<Record<string, string>>): { readonly settings: TraceSettings | undefined; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const settings = traceSettings(loadConfig(telemetryConfig, env), (problem) => problems.push(problem));
  return { settings, problems };
}

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

test('nothing is recorded unless there is a collector', () => {
  expect(read({})).toEqual({ settings: undefined, problems: [] });
  expect(read({ OTEL_TRACES_SAMPLER_ARG: '1' }).settings).toBeUndefined();
});

test("OpenTelemetry's variables say where, which and what", () => {
  const { settings, problems } = read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector/base/', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20x, a = b', OTEL_TRACES_SAMPLER_ARG: '0.25', OTEL_RESOURCE_ATTRIBUTES: 'k8s.pod.name=souk-0' });
  expect(problems).toEqual([]);
  expect(settings).toEqual({ url: 'https://collector/base/v1/traces', headers: { authorization: 'Basic x', a: 'b' }, isParentBased: true, ratio: 0.25, resource: { 'k8s.pod.name': 'souk-0' }, exportMs: 3000 });
  expect(read({ ...endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: '60000' })).toMatchObject({ settings: { exportMs: 60_000 }, problems: [] });
});

test.each([
  ['always_on', false, 1],
  ['always_off', false, 0],
  ['traceidratio', false, 0.5],
  ['parentbased_always_on', true, 1],
  ['parentbased_always_off', true, 0],
  ['parentbased_traceidratio', true, 0.5],
])('%s', (sampler, isParentBased, ratio) => {
  expect(read({ ...endpoint, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: '0.5' })).toMatchObject({ settings: { isParentBased, ratio }, problems: [] });
});

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, undefined],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'not a URL' }, undefined],
  [{ ...endpoint, OTEL_TRACES_SAMPLER: 'sometimes' }, { isParentBased: true, ratio: 1 }],
  [{ ...endpoint, OTEL_TRACES_SAMPLER_ARG: 'half' }, { ratio: 1 }],
  [{ ...endpoint, OTEL_TRACES_SAMPLER_ARG: '2' }, { ratio: 1 }],
  [{ ...endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' }, { exportMs: 3000 }],
  [{ ...endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: '0' }, { exportMs: 3000 }],
])('%j stops no service: it is said once', (env, expected) => {
  const { settings, problems } = read(env);
  expect(problems).toHaveLength(1);
  if (expected) expect(settings).toMatchObject(expected);
  else expect(settings).toBeUndefined();
});
