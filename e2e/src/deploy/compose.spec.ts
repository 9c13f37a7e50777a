import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { natsServerConfig, serviceNames, type NatsPassword, type ServiceName } from '@souk/contracts';
import { externalProgram } from '@souk/testing/external';
import { natsProgram } from '@souk/testing/nats';
import { runToEnd, type Ended } from '../scenario/child.ts';
import { repository } from '../scenario/repository.ts';

interface Service {
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly build?: { readonly args: Readonly<Record<string, string>> };
  readonly volumes?: readonly { readonly source: string; readonly target: string; readonly type: string }[];
}

const program = externalProgram('compose-spec');
const secrets = Object.fromEntries(execFileSync(process.execPath, [join(repository, 'deploy/compose/make-env.mjs')], { encoding: 'utf8' }).trim().split('\n').map((line) => line.split('=') as [string, string]));

const folder = mkdtempSync(join(tmpdir(), 'souk-compose-'));
const source = readFileSync(join(repository, 'compose.yaml'), 'utf8');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the Compose Specification's own loader makes of a text: the model as JSON, or what is wrong. */
function load(text: string, ...flags: string[]): Promise<Ended> {
  const file = join(folder, 'compose.yaml');
  writeFileSync(file, text);
  return runToEnd(program, ['-format', 'json', ...flags, file], { cwd: repository, env: {} });
}

/** The text with values for its variables: the loader, run by itself, knows of no environment. */
const filled = (text: string): string => text.replaceAll(/\$\{(\w+)(?::?-([^}]*)|:?\?[^}]*)\}/g, (_all, name: string, otherwise = '') => secrets[name] ?? otherwise);

async function services(): Promise<Readonly<Record<string, Service>>> {
  const { code, stdout, stderr } = await load(filled(source), '-no-interpolation');
  expect([code, stderr]).toEqual([0, '']);
  return (JSON.parse(stdout) as { services: Record<string, Service> }).services;
}

test('compose.yaml follows the Compose Specification and has every service', async () => {
  expect(Object.keys(await services()).sort()).toEqual(['gateway', 'install', 'nats', 'peer-0', 'peer-1', 'reputation', 'search']);
});

test('without its secrets nothing starts, and each is named: there is no password that everybody knows', async () => {
  const { code, stderr } = await load(source);
  expect(code).not.toBe(0);
  for (const name of Object.keys(secrets)) expect(stderr).toContain(`required variable ${name} is missing a value: missing in .env`);
});

test('what breaks the schema is refused', async () => {
  const { code, stderr } = await load(filled(source).replace('pids_limit: 512', 'pids_limit: [512]'), '-no-interpolation');
  expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining('pids_limit')]);
  expect(code).not.toBe(0);
});

test('secrets are made anew each time, and differ from each other', () => {
  const again = execFileSync(process.execPath, [join(repository, 'deploy/compose/make-env.mjs')], { encoding: 'utf8' });
  const values = Object.values(secrets);
  expect(new Set(values).size).toBe(values.length);
  for (const value of values) expect([value.length >= 64, again.includes(value)]).toEqual([true, false]);
});

test('every service runs without rights, is watched at its /readyz, and is told its own password only', async () => {
  for (const [name, service] of Object.entries(await services())) {
    expect({ name, ...service }).toMatchObject({ name, read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.healthcheck?.test.join(' ')).toMatch(name === 'nats' ? /healthz/ : /readyz/);
    const passwords = Object.values(service.environment ?? {}).filter((value) => Object.keys(secrets).some((secret) => secret.startsWith('SOUK_NATS') && secrets[secret] === value));
    expect([name, passwords.length]).toEqual([name, name === 'nats' ? 5 : 1]);
    if (name !== 'nats') expect(passwords[0]).toBe(secrets[`SOUK_NATS_${name.replace(/-\d$/, '').toUpperCase()}`]);
  }
});

test('each peer has a volume of its own', async () => {
  const all = await services();
  expect(['peer-0', 'peer-1'].map((name) => all[name]?.volumes?.map(({ source, target, type }) => ({ source, target, type })))).toEqual([[{ type: 'volume', source: 'peer-0', target: '/data' }], [{ type: 'volume', source: 'peer-1', target: '/data' }]]);
});

test('NATS takes its configuration, which says what the contracts say', async () => {
  const file = (await services())['nats']?.volumes?.[0]?.source ?? 'no file';
  const passwords = Object.fromEntries(serviceNames.map((name) => [name, { env: `SOUK_NATS_${name.toUpperCase()}` }])) as Record<ServiceName, NatsPassword>;
  expect(readFileSync(file, 'utf8')).toBe(natsServerConfig(passwords));
  const { code, stderr } = await runToEnd(natsProgram() ?? 'nats-server', ['--config', file, '-t'], { cwd: repository, env: secrets });
  expect([code, stderr]).toEqual([0, expect.stringContaining('configuration file')]);
});
