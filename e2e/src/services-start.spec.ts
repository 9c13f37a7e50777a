import { afterAll, beforeAll, expect } from '@jest/globals';
import { natsProgram, NatsServer, natsTest } from '@souk/testing/nats';
import { Scenario } from './scenario/scenario.ts';
import type { ServicesSite } from './scenario/services-site.ts';
import { until } from './scenario/until.ts';

const world = new Scenario();
let nats: NatsServer;
let site: ServicesSite;

beforeAll(async () => {
  site = world.services('a', { replicas: 1 });
  if (natsProgram() !== undefined) nats = await NatsServer.start({ config: site.natsConfig });
});
afterAll(async () => {
  await world.end();
  await nats?.[Symbol.asyncDispose]();
});

natsTest('services that start before NATS say what they wait for, and come up by themselves when it is there', async () => {
  await nats.stop();
  const starting = site.over(nats.url).start();
  const waiting = await until({ what: 'every service to say what it waits for', read: () => Promise.resolve(site.lines.filter(({ msg }) => msg === 'not ready yet')), isDone: (lines) => new Set(lines.map(({ service }) => service)).size === 5 });
  for (const { why } of waiting) expect(why).toMatch(/connected to NATS: 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/);
  const readyz = await fetch(new URL('/readyz', site.probes('search')));
  expect([readyz.status, await readyz.json()]).toEqual([503, expect.objectContaining({ code: 'UNAVAILABLE', message: expect.stringContaining('connected to NATS (127.0.0.1') })]);
  await nats.restart();
  await starting;
  expect(await site.get('/v1/search?q=x')).toMatchObject({ status: 200 });
});

natsTest('NATS goes and comes back, its state deleted: meanwhile UNAVAILABLE, afterwards all goes on', async () => {
  await nats.stop('SIGKILL');
  expect(await site.get('/v1/search?q=x')).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE', hint: expect.any(String) } });
  await nats.restart();
  await until({ what: 'an answer over NATS', read: () => site.get('/v1/search?q=x'), isDone: ({ status }) => status === 200 });
});

natsTest('killed -9, what started the services leaves nothing behind', async () => {
  await site.orphan();
});

natsTest('a wrong password is named with its user and what to set, and is never shown', async () => {
  const password = 'a-password-that-is-wrong';
  site.with({ SOUK_NATS_PASSWORD_SEARCH: password });
  const { code, error, stdout, stderr } = await site.refusal();
  expect([code, error]).toEqual([78, expect.objectContaining({ code: 'BAD_CONFIG', message: 'NATS refuses user search.', hint: 'Set SOUK_NATS_PASSWORD_SEARCH to the password that the NATS server has for that user, and start again.' })]);
  expect(stdout + stderr).not.toContain(password);
});

natsTest('every wrong setting of every service is named at once, before anything is started', async () => {
  const wrong = world.services('wrong', { replicas: 1 }).with({ SOUK_P2P_PORT: 'x', SOUK_TOKEN: 'short', SOUK_NATS_URL: 'http://x', SOUK_NATS_PASSWORD: 'a-secret-one' });
  const { code, error, stderr } = await wrong.refusal();
  expect([code, error.code]).toEqual([78, 'BAD_CONFIG']);
  for (const name of ['SOUK_P2P_PORT="x"', 'SOUK_TOKEN="***"', 'SOUK_NATS_URL="http://x"', 'SOUK_NATS_PASSWORD_PEER', 'SOUK_NATS_PASSWORD="***"']) expect(error.message).toContain(name);
  expect(stderr).not.toContain('process started');
});

natsTest('without a nats-server it says what to do', async () => {
  const without = world.services('without', { replicas: 1 }).with({ SOUK_NATS_SERVER: '/nowhere/nats-server' });
  expect(await without.refusal()).toMatchObject({ code: 78, error: { code: 'BAD_CONFIG', message: expect.stringContaining('/nowhere/nats-server'), hint: expect.stringContaining('Install nats-server') } });
});
