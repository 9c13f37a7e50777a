import { expect } from '@jest/globals';
import { NatsServer, natsTest } from '@souk/testing/nats';
import { bootstrap, createLog, loadConfig, Metrics, Readiness, serviceConfig, serviceOptions } from '../../index.ts';
import { link } from './testing/link.ts';

const users = (password: string): string => `authorization { users: [ { user: "spec", password: "${password}" } ] }`;
class SpecModule {}

natsTest('a user that NATS refuses at the first attempt is BAD_CONFIG, with what to do', async () => {
  await using server = await NatsServer.start({ config: users('right') });
  await using right = await link(server.port, { user: 'spec', password: 'right' });
  expect(right.states).toEqual(['connected']);
  for (const login of [{ user: 'spec', password: 'wrong' }, { user: 'other', password: 'right' }, {}]) {
    await expect(link(server.port, login)).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      message: 'user' in login ? `NATS refuses user ${login.user}.` : 'NATS refuses connections without a user.',
      hint: 'Set SOUK_NATS_USER and SOUK_NATS_PASSWORD to a user of the NATS server and start again.',
    });
  }
});

natsTest('a service does not start with a wrong password; the password is not shown', async () => {
  await using server = await NatsServer.start({ config: users('right') });
  const lines: string[] = [];
  const config = loadConfig(serviceConfig, { SOUK_NATS_URL: server.url, SOUK_NATS_PASSWORD: 'a-wrong-one' });
  const starting = bootstrap(SpecModule, { ...serviceOptions('spec', config), metrics: new Metrics(), log: createLog({ destination: { write: (line) => void lines.push(line) } }) });
  const error = await starting.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'BAD_CONFIG', message: 'NATS refuses user spec.' });
  expect(`${lines.join('')}${String(error)}${JSON.stringify(error)}`).not.toContain('a-wrong-one');
});

natsTest('a user that is refused later is tried again with growing pauses, never hot, until NATS takes it', async () => {
  await using server = await NatsServer.start({ config: users('right') });
  const pauses: number[] = [];
  const enough = Promise.withResolvers<void>();
  let last = '';
  const pause = async (milliseconds: number): Promise<void> => {
    if (last.startsWith('NATS refuses')) pauses.push(milliseconds);
    if (pauses.length === 4) enough.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const onState = ({ problem = 'connected' }): void => void (last = problem);
  await using spec = await link(server.port, { user: 'spec', password: 'right', pause, onState });
  expect(last).toBe('connected');
  await server.restart(users('changed'));
  await enough.promise;
  expect(last).toBe('NATS refuses user spec: SOUK_NATS_USER and SOUK_NATS_PASSWORD must name a user of the NATS server');
  for (const [index, least] of [500, 1_000, 2_000, 4_000].entries()) expect(pauses[index]).toBeGreaterThanOrEqual(least);
  await server.restart(users('right'));
  while (last !== 'connected') await new Promise((resolve) => setImmediate(resolve));
  spec.connection.publish('a', new Uint8Array());
});

natsTest('a service is ready only while it is connected, and says why in its log, once', async () => {
  await using server = await NatsServer.start();
  await server.stop();
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) } });
  const config = loadConfig(serviceConfig, { SOUK_NATS_URL: server.url });
  const service = await bootstrap(SpecModule, { ...serviceOptions('spec', config), log, metrics: new Metrics() });
  const readiness = service.app.get(Readiness);
  const readyz = async (): Promise<unknown> => (await fetch(`${service.url}/readyz`)).json();
  expect(await readyz()).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/^Not ready yet: connected to NATS \(127\.0\.0\.1:\d+ cannot be reached/) });
  await server.restart();
  await readiness.whenReady();
  expect(await readyz()).toEqual({ status: 'ready' });
  await server.stop('SIGKILL');
  while (readiness.unmet().length === 0) await new Promise((resolve) => setImmediate(resolve));
  await server.restart();
  await readiness.whenReady();
  await service.close();
  const said = lines.filter(({ msg }) => String(msg).includes('NATS')).map(({ level, msg }) => [level, msg]);
  const down = ['warn', 'This service is not connected to NATS; it tries again'];
  const up = ['info', 'connected to NATS'];
  expect([said[0], said[1], said.at(-2), said.at(-1)]).toEqual([down, up, down, up]);
  expect(said.length).toBeLessThanOrEqual(5);
});
