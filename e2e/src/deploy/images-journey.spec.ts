import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Publisher } from '../faults/load/publisher.ts';
import { lossesOf } from '../faults/load/losses.ts';
import { SteadyLoad } from '../faults/load/steady-load.ts';
import { Journey } from '../journey/journey.ts';
import { ending, story } from '../journey/story.ts';
import { until } from '../scenario/until.ts';
import { Container } from './containers/container.ts';
import { ContainerNetwork } from './containers/container-network.ts';
import { ContainersSite } from './containers/containers-site.ts';
import { buildImages, imageOf } from './containers/images.ts';
import { Podman } from './containers/podman.ts';

jest.setTimeout(7_200_000);

const podman = new Podman();
const network = await ContainerNetwork.open(podman);
let a: ContainersSite;
// A and B as containers, A with two peers; C as one process of this machine, so that both kinds meet.
const journey = new Journey((world) => {
  a = world.adopts('a', 'peer-0/site', (place) => new ContainersSite('a', { ...place, network, peers: 2 }));
  const b = world.adopts('b', 'peer-0/site', (place) => new ContainersSite('b', { ...place, network, peers: 1 }));
  return { a, b, c: world.site('c').with({ SOUK_P2P_HOST: network.gateway }) };
});

beforeAll(async () => {
  await buildImages(podman);
  await journey.begin();
});
afterAll(async () => {
  await journey.world.end();
  await network.close();
});

test.each(story)('%s', (_what, prove) => prove(journey));

test('each runs without rights, can write to its volume and /tmp only, and the peer keeps all in its volume', async () => {
  const write = (path: string): string => `(() => { try { require('fs').writeFileSync('${path}', ''); return 'written'; } catch (error) { return error.code; } })()`;
  for (const part of ['peer-0', 'peer-1', 'search', 'install', 'reputation', 'gateway']) {
    const inside = `{ uid: process.getuid(), own: ${write('/souk/x')}, etc: ${write('/etc/x')}, tmp: ${write('/tmp/x')}, rights: /CapEff:\\s+(\\w+)/.exec(require('fs').readFileSync('/proc/self/status', 'utf8'))[1] }`;
    expect({ part, ...((await a.container(part).evaluate(inside)) as object) }).toEqual({ part, uid: 10_001, own: 'EROFS', etc: 'EROFS', tmp: 'written', rights: '0000000000000000' });
  }
});

test('the command line runs as a container too', async () => {
  const cli = new Container(network, 'cli');
  const env = { SOUK_SITE: a.url, SOUK_TOKEN: a.token ?? '' };
  const { code, stdout } = await cli.runs({ image: imageOf('cli'), env, words: ['search', journey.goods.rare, '--json'] });
  expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ items: expect.arrayContaining([expect.objectContaining({ name: journey.goods.rare })]) })]);
  const refused = await cli.runs({ image: imageOf('cli'), env: { ...env, SOUK_TOKEN: 'not the token of the site' }, words: ['search', 'x', '--json'] });
  expect([refused.code, JSON.parse(refused.stdout)]).toEqual([expect.any(Number), expect.objectContaining({ code: 'UNAUTHORIZED' })]);
});

test('the primary is killed in mid-publish, again and again: nothing acknowledged is lost or doubled', async () => {
  const publishers = [1, 1, 4].map((together, at) => new Publisher(`pod-${at}`, { together, bytes: 50_000 }, Math.random));
  const load = new SteadyLoad(a, publishers);
  for (let round = 0; round < 3; round += 1) {
    await load.goesOn(4);
    const faltering = load.falters();
    await a.kill('peer-0');
    await faltering;
    a.begin('peer-0');
    await a.ready('peer-0');
  }
  await load.goesOn(4);
  await load.end();
  for (const one of publishers) {
    await one.publishAgain(a);
    expect(await lossesOf(a, one, one.acknowledged.length, Math.random)).toEqual({ lost: [], doubled: [] });
  }
});

test('NATS is down when services start: they wait, say so at /readyz, and come up by themselves', async () => {
  await a.kill('nats');
  await a.kill('search');
  a.begin('search');
  const said = await until({ what: 'search to say what it waits for', read: () => a.readiness('search'), isDone: ({ status }) => status === 503 });
  expect(said.text).toContain(`connected to NATS (${a.container('nats').ip}:4222`);
  expect((await fetch(new URL('/healthz', a.probes('search')))).status).toBe(200);
  a.begin('nats');
  for (const part of ['search', 'gateway', 'peer-0']) await a.ready(part);
  await until({ what: 'an answer over NATS', read: () => a.get('/v1/search?q=x'), isDone: ({ status }) => status === 200 });
});

test('a wrong password for NATS ends a service with the code for settings, naming the user', async () => {
  await a.kill('install');
  a.begin('install', { SOUK_NATS_PASSWORD: 'not the password of install' });
  const { code, stderr } = await a.container('install').ended();
  expect([code, stderr]).toEqual([78, expect.stringContaining('NATS refuses user install.')]);
  a.begin('install');
  await a.ready('install');
});

test.each([ending])('%s', (_what, prove) => prove(journey));
