import { afterAll, beforeAll, expect } from '@jest/globals';
import { natsTest } from '@souk/testing/nats';
import { publishSmall } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';
import type { HttpAnswer } from './scenario/site.ts';
import { until } from './scenario/until.ts';

const world = new Scenario();
const site = world.services('a', { replicas: 2 });
const replicated = ['search', 'install', 'gateway'] as const;

beforeAll(async () => {
  await site.start();
  await publishSmall(world.person('ada').at(site), world.folder('kept'), { name: 'kept' });
  await allFind();
});
afterAll(() => world.end());

const find = (): Promise<HttpAnswer> => site.get('/v1/search?q=kept');
const resolve = (): Promise<HttpAnswer> => site.post('/v1/resolutions', { dependencies: { kept: '*' } });
const many = <T>(count: number, ask: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, ask));

/** Waits until every replica of search has what was published: each follows for itself. */
async function allFind(): Promise<void> {
  const isFound = ({ body }: HttpAnswer): boolean => (body as { total?: number }).total === 1;
  await until({ what: 'every replica of search', read: () => many(24, find), isDone: (answers) => answers.every(isFound) });
}

const served = (service: string, replica: number): Promise<number> =>
  service === 'gateway' ? site.metric(service, replica, 'souk_http_total', /\/v1\//) : site.metric(service, replica, 'souk_rpc_total', /side="server"/);

natsTest('both replicas of search, install and gateway get work', async () => {
  const before = await Promise.all(replicated.flatMap((service) => [0, 1].map((replica) => served(service, replica))));
  const answers = [...(await many(40, find)), ...(await many(40, resolve))];
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const after = await Promise.all(replicated.flatMap((service) => [0, 1].map((replica) => served(service, replica))));
  for (const [index, count] of after.entries()) expect(count).toBeGreaterThan(before[index] ?? Number.POSITIVE_INFINITY);
});

/** What became of a request: its status and code, or that the connection broke. */
async function outcome(ask: () => Promise<HttpAnswer>): Promise<string> {
  try {
    const { status, body } = await ask();
    return status === 200 ? 'answered' : `${status} ${(body as { code?: string }).code}`;
  } catch {
    return 'connection lost';
  }
}

for (const service of ['search', 'install']) natsTest(`a replica of ${service} is killed while it has requests: they are UNAVAILABLE or late, all others go on`, async () => {
  const ask = service === 'search' ? find : resolve;
  const outcomes = new Set<string>();
  // Frozen first, so that it holds requests when it dies; if by chance the other one was given all of them, once more.
  while (outcomes.size < 2) {
    const before = await served(service, 0);
    site.freeze(service, 1);
    const asked = many(16, () => outcome(ask));
    await until({ what: `the other replica of ${service} to answer`, read: () => served(service, 0), isDone: (count) => count > before });
    await site.kill(service, 1);
    for (const one of await asked) outcomes.add(one);
    expect([...outcomes].filter((one) => !['answered', '503 UNAVAILABLE', '504 TIMEOUT'].includes(one))).toEqual([]);
    expect(outcomes).toContain('answered');
    // From the moment that it is gone until it is back the other one has all the work.
    expect(await many(16, () => outcome(ask))).toEqual(Array(16).fill('answered'));
    await site.revived(service, 1);
  }
  expect(await many(16, () => outcome(ask))).toEqual(Array(16).fill('answered'));
});

natsTest('a gateway is killed while it has requests: its connections break, the other goes on, and it comes back at its address', async () => {
  const urls = site.urls;
  site.freeze('gateway', 1);
  const asked = many(16, () => outcome(find));
  await until({ what: 'the other gateway to answer', read: () => served('gateway', 0), isDone: (count) => count > 0 });
  await site.kill('gateway', 1);
  expect(new Set(await asked)).toEqual(new Set(['answered', 'connection lost']));
  expect((await fetch(new URL('/v1/search?q=kept', urls[0]))).status).toBe(200);
  await site.revived('gateway', 1);
  expect((await fetch(new URL('/v1/search?q=kept', urls[1]))).status).toBe(200);
});

natsTest('NATS is killed, started again by itself, and everything goes on', async () => {
  await site.kill('nats');
  await site.revived('nats');
  await until({ what: 'answers over NATS', read: () => many(8, () => outcome(resolve)), isDone: (all) => all.every((one) => one === 'answered') });
  await until({ what: 'answers of search', read: () => many(8, () => outcome(find)), isDone: (all) => all.every((one) => one === 'answered') });
});

natsTest('asked to stop it ends with 0: the edge first, the peer last, nothing left', async () => {
  const pids = site.pids;
  expect(await site.stop()).toMatchObject({ code: 0 });
  const stopped = site.lines.filter(({ msg }) => msg === 'stopped').map(({ service }) => service);
  expect(stopped.slice(0, 2)).toEqual(['gateway', 'gateway']);
  expect(stopped.slice(2, 4)).toEqual(['install', 'install']);
  expect(stopped.at(-1)).toBe('peer');
  expect(stopped).toHaveLength(9);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
