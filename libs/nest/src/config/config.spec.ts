import { expect, test } from '@jest/globals';
import { isSoukError, SoukError } from '@souk/domain';
import { z } from 'zod';
import { defineConfig, describeConfig, loadConfig, loadConfigs, portSchema, serviceConfig, serviceOptions, type ConfigOf } from '../index.ts';

const config = defineConfig({
  ...serviceConfig,
  port: { env: 'SOUK_PORT', schema: portSchema, default: '7685', help: 'Port of the HTTP API.' },
  token: { env: 'SOUK_TOKEN', schema: z.string().min(8, 'expected at least 8 characters').optional(), help: 'Bearer token.', secret: true },
  data: { env: 'SOUK_DATA', schema: z.string(), help: 'Folder of the data.' },
  open: { env: 'SOUK_OPEN', schema: z.stringbool('expected true or false'), default: 'false', help: 'Whether a|b.' },
});

function refusal(load: () => unknown): SoukError {
  try {
    load();
  } catch (error) {
    if (isSoukError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('settings are parsed, with defaults for what is unset or empty', () => {
  const loaded: ConfigOf<typeof config> = loadConfig(config, { SOUK_DATA: '/data', SOUK_OPEN: 'true', SOUK_LOG_LEVEL: '', PATH: '/bin' });
  expect(loaded).toEqual({ logLevel: 'info', httpHost: '127.0.0.1', httpPort: 0, otlpTimeout: '3000', traceSampler: 'parentbased_traceidratio', traceRatio: '1', port: 7685, data: '/data', open: true });
});

test('all problems are named at once: variable, value and what was expected', () => {
  const error = refusal(() => loadConfig(config, { SOUK_PORT: '99999', SOUK_LOG_LEVEL: 'loud', SOUK_OPEN: 'maybe' }));
  expect(error.code).toBe('BAD_CONFIG');
  expect(error.entry.exit).toBe(78);
  expect(error.message).toBe(
    [
      '4 settings cannot be used:',
      '  SOUK_LOG_LEVEL="loud": expected one of debug, info, warn, error, silent',
      '  SOUK_PORT="99999": expected at most 65535',
      '  SOUK_DATA: it is not set and has no default. Folder of the data.',
      '  SOUK_OPEN="maybe": expected true or false',
    ].join('\n'),
  );
  expect(error.details).toMatchObject({ problems: [{ env: 'SOUK_LOG_LEVEL' }, { env: 'SOUK_PORT', value: '99999' }, { env: 'SOUK_DATA' }, { env: 'SOUK_OPEN' }] });
});

test('a secret is never shown', () => {
  const error = refusal(() => loadConfig(config, { SOUK_DATA: '/data', SOUK_TOKEN: 'hunter2' }));
  expect(error.message).toContain('SOUK_TOKEN="***": expected at least 8 characters');
  expect(JSON.stringify([error.message, error.details, error.hint])).not.toContain('hunter2');
});

test.each([
  ['SOUK_PROT', 'SOUK_PORT'],
  ['SOUK_LOGLEVEL', 'SOUK_LOG_LEVEL'],
  ['SOUK_TOKNE', 'SOUK_TOKEN'],
])('%s is taken for a misspelt %s', (name, near) => {
  const error = refusal(() => loadConfig(config, { SOUK_DATA: '/data', [name]: 'x' }));
  expect(error.message).toContain(`${name}: there is no such setting. Did you mean ${near}?`);
});

test('variables of other apps, and of nobody, are left alone', () => {
  const others = { SOUK_DATA: '/data', SOUK_SITE: 'http://x', SOUK_GATEWAY_SERVICE_PORT: '80', SOUK_HOST: '127.0.0.1', souk_port: '1' };
  expect(loadConfig(config, others).port).toBe(7685);
  expect(refusal(() => loadConfig(config, { SOUK_DATA: '/data', SOUK_PORTS: '1' })).code).toBe('BAD_CONFIG');
  expect(loadConfig(config, { SOUK_DATA: '/data', SOUK_PORTS: '1' }, { alsoKnown: ['SOUK_PORTS'] }).port).toBe(7685);
});

test('apps that share an environment know the names of one another, and report together', () => {
  const peer = defineConfig({ ports: { env: 'SOUK_PORTS', schema: z.string(), default: '1', help: 'Ports.' }, cores: { env: 'SOUK_CORES', schema: z.coerce.number('expected a number'), help: 'Cores.' } });
  expect(loadConfigs({ config, peer }, { SOUK_DATA: '/data', SOUK_PORTS: '2', SOUK_CORES: '3' })).toMatchObject({ config: { port: 7685 }, peer: { ports: '2', cores: 3 } });
  const error = refusal(() => loadConfigs({ config, peer, again: config }, { SOUK_CORES: 'many' }));
  expect(error.message.split('\n').slice(1).map((line) => line.trim().split(/[=:]/)[0])).toEqual(['SOUK_DATA', 'SOUK_CORES']);
});

test('a declaration describes itself as a table', () => {
  expect(describeConfig(config).split('\n')).toEqual([
    '| variable | default | meaning |',
    '|---|---|---|',
    '| `SOUK_LOG_LEVEL` | `info` | Least urgent log lines that are written. |',
    '| `SOUK_HTTP_HOST` | `127.0.0.1` | Address on which this service answers probes and metrics. |',
    '| `SOUK_HTTP_PORT` | `0` | Port on which this service answers probes and metrics; 0 takes any free one. |',
    ...['EXPORTER_OTLP_ENDPOINT', 'EXPORTER_OTLP_HEADERS', 'EXPORTER_OTLP_TIMEOUT', 'TRACES_SAMPLER', 'TRACES_SAMPLER_ARG', 'RESOURCE_ATTRIBUTES'].map((what) => expect.stringContaining(`| \`OTEL_${what}\` | `)),
    ...['URL', 'USER', 'PASSWORD'].map((what) => expect.stringContaining(`| \`SOUK_NATS_${what}\` | - | `)),
    '| `SOUK_PORT` | `7685` | Port of the HTTP API. |',
    '| `SOUK_TOKEN` | - | Bearer token. |',
    '| `SOUK_DATA` | required | Folder of the data. |',
    '| `SOUK_OPEN` | `false` | Whether a\\|b. |',
    '',
  ]);
});

test('servers of NATS are addresses without credentials', () => {
  expect(loadConfig(serviceConfig, { SOUK_NATS_URL: 'nats://127.0.0.1:4333, nats://nats-1.nats ,nats://[::1]:1/' }).natsUrl).toEqual([
    { host: '127.0.0.1', port: 4333 },
    { host: 'nats-1.nats', port: 4222 },
    { host: '::1', port: 1 },
  ]);
  expect(loadConfig(serviceConfig, {}).natsUrl).toBeUndefined();
  for (const wrong of ['127.0.0.1:4222', 'tls://a', 'http://a', 'nats://', 'nats://me:secret@a', 'nats://a:0', 'nats://a:65536', 'nats://a/b', 'nats://a?b', 'nats://a,,nats://b', ',']) {
    expect(() => loadConfig(serviceConfig, { SOUK_NATS_URL: wrong })).toThrow(expect.objectContaining({ code: 'BAD_CONFIG', message: expect.stringContaining('expected nats://HOST:PORT') }));
  }
  expect(() => loadConfig(serviceConfig, { SOUK_NATS_PASSWRD: 'x' })).toThrow('Did you mean SOUK_NATS_PASSWORD?');
});

test('a service with an address of NATS talks over it, under its own name when it has only a password', () => {
  const transportOf = (env: Record<string, string>): unknown => serviceOptions('search', loadConfig(serviceConfig, env)).transport;
  const servers = [{ host: 'a', port: 4222 }];
  expect(transportOf({})).toMatchObject({ type: 'in-process' });
  expect(transportOf({ SOUK_NATS_URL: 'nats://a' })).toEqual({ type: 'nats', servers });
  expect(transportOf({ SOUK_NATS_URL: 'nats://a', SOUK_NATS_PASSWORD: 'p' })).toEqual({ type: 'nats', servers, user: 'search', password: 'p' });
  expect(transportOf({ SOUK_NATS_URL: 'nats://a', SOUK_NATS_USER: 'me', SOUK_NATS_PASSWORD: 'p' })).toEqual({ type: 'nats', servers, user: 'me', password: 'p' });
});
