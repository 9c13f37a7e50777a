import { expect, test } from '@jest/globals';
import { isSoukError } from '@souk/domain';
import { loadServicesSettings } from './settings.ts';

function problems(env: Record<string, string>): string {
  try {
    loadServicesSettings(env);
  } catch (error) {
    if (isSoukError(error)) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'none';
}

test('every problem of every service is named at once, and no secret is shown', () => {
  const said = problems({ SOUK_P2P_PORT: '70000', SOUK_TOKEN: 'short', SOUK_ANNOUNCE: 'xml', SOUK_NATS_PASSWORD_SEARCH: 'too short', SOUK_DAAT: 'x' });
  expect(said).toMatch(/^BAD_CONFIG 5 settings cannot be used:/);
  for (const name of ['SOUK_P2P_PORT="70000"', 'SOUK_TOKEN="***"', 'SOUK_ANNOUNCE="xml"', 'SOUK_NATS_PASSWORD_SEARCH="***"', 'SOUK_DAAT: there is no such setting. Did you mean SOUK_DATA?']) expect(said).toContain(name);
  expect(said).not.toMatch(/"short"|too short/);
});

test('what is decided here is refused, with what to set instead', () => {
  const said = problems({ SOUK_NATS_USER: 'peer', SOUK_NATS_PASSWORD: 'a-secret-one', SOUK_HTTP_PORT: '9000' });
  expect(said).toMatch(/SOUK_NATS_USER(.|\n)*SOUK_NATS_PASSWORD_PEER, SOUK_NATS_PASSWORD_SEARCH(.|\n)*SOUK_NATS_PASSWORD="\*\*\*"(.|\n)*SOUK_HTTP_PORT="9000": every process takes any free port/);
});

test('a NATS server that is there already needs the password of every service', () => {
  const said = problems({ SOUK_NATS_URL: 'nats://127.0.0.1:4222', SOUK_NATS_PASSWORD_PEER: 'x' });
  expect(said.match(/SOUK_NATS_PASSWORD_[A-Z]+: it is not set/g)).toEqual(['SEARCH', 'INSTALL', 'REPUTATION', 'GATEWAY'].map((name) => `SOUK_NATS_PASSWORD_${name}: it is not set`));
});

test('without any setting there are secrets of its own, each another one', () => {
  const [one, other] = [loadServicesSettings({ SOUK_DATA: '' }), loadServicesSettings({})];
  const secrets = [one, other].flatMap(({ passwords, environments }) => [...Object.values(passwords), environments.peer['SOUK_SITE_SECRET']]);
  expect(new Set(secrets).size).toBe(12);
  expect(one.natsUrl).toBeUndefined();
  expect(one.environments.peer['SOUK_SITE_SECRET']).toBe(one.environments.gateway['SOUK_SITE_SECRET']);
});

test('a service sees the settings that it names and what is not of Souk, and no secret of another one', () => {
  const { environments } = loadServicesSettings({ PATH: '/bin', SOUK_TOKEN: 'a-token-of-the-edge', SOUK_DATA: '/data', SOUK_LOG_LEVEL: 'warn', SOUK_NATS_PASSWORD_PEER: 'a-password-of-the-peer' });
  expect(environments.search).toEqual({ PATH: '/bin', SOUK_LOG_LEVEL: 'warn' });
  expect(environments.peer).toMatchObject({ SOUK_DATA: '/data', SOUK_SITE_SECRET: expect.any(String) });
  expect(JSON.stringify(environments.peer)).not.toContain('a-token-of-the-edge');
  expect(environments.gateway).toMatchObject({ SOUK_TOKEN: 'a-token-of-the-edge' });
  expect(JSON.stringify(environments)).not.toContain('a-password-of-the-peer');
});

test('the command line says how many peers there are, else the environment does', () => {
  const counts = (env: Record<string, string>, peers?: number): number => loadServicesSettings({ ...env, SOUK_DATA: '/nowhere/data' }, peers).peers.length;
  expect([counts({}), counts({ SOUK_PEERS: '2' }), counts({ SOUK_PEERS: '2' }, 3)]).toEqual([1, 2, 3]);
  expect(loadServicesSettings({ SOUK_DATA: '/nowhere/data' }, 2).peers.map((env) => [env['SOUK_DATA'], env['SOUK_ORDINAL']])).toEqual([['/nowhere/data', '0'], ['/nowhere/data-1', '1']]);
});
