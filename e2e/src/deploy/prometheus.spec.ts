import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seedFrom, toHex } from '@souk/domain';
import { Prometheus } from './monitoring/prometheus.ts';
import { freePort } from '../scenario/free-port.ts';
import { publishSmall } from '../scenario/kept.ts';
import { Scenario } from '../scenario/scenario.ts';
import { until } from '../scenario/until.ts';

const world = new Scenario();
const port = String(await freePort());
const network = { SOUK_NETWORK_KEY: toHex(seedFrom('a network that is watched')), SOUK_P2P_HOST: '127.0.0.1' };
const hub = world.site('hub').with({ ...network, SOUK_ROLE: 'super', SOUK_P2P_PORT: port });
const site = world.site('site').with({ ...network, SOUK_SUPERS: `/ip4/127.0.0.1/tcp/${port}` });
const ada = world.person('ada');
let prometheus: Prometheus;
let published = 0;

beforeAll(async () => {
  ada.at(await hub.start());
  await site.start();
  prometheus = await Prometheus.start(world.folder('prometheus'), { hub: hub.url, site: site.url });
  world.onEnd(() => prometheus.end());
});
afterAll(() => world.end());

/** One of everything that a figure is about: the site looks up, finds, installs and shows what somebody has just published elsewhere. */
async function use(): Promise<void> {
  published += 1;
  const name = `watched-${published}`;
  const { cid } = await publishSmall(ada, world.folder('published', name), { name, description: 'A package to watch' });
  await until({ what: `${name} at the site`, read: () => site.get(`/v1/packages/${name}`), isDone: ({ status }) => status === 200 });
  // The first goes to the network, the others find it in the cache: enough of them for a rate that says something.
  for (let turn = 0; turn < 40; turn += 1) await site.get(`/v1/network/lookups/${cid}`);
  await site.get('/v1/search?q=watched');
  await site.post('/v1/installs', { dependencies: { [name]: '*' } });
}

test('Prometheus reads both sites, and every recording rule has a value for one of them when they are used', async () => {
  const names = [...new Set((await prometheus.rules()).filter(({ type }) => type === 'recording').map((rule) => rule.name))];
  expect(names).toEqual(expect.arrayContaining(['souk:search_latency', 'souk:cache_hit_rate', 'souk:availability:bad_share_3d']));
  const missing = async (): Promise<string[]> => {
    await use();
    const values = await Promise.all(names.map((name) => prometheus.values(name)));
    return names.filter((_, at) => !(values[at] ?? []).some(Number.isFinite));
  };
  await until({ what: 'a value of every recording rule', read: missing, isDone: (left) => left.length === 0, deadlineMs: 240_000 });
  await until({ what: 'both sites to be read', read: () => prometheus.targets(), isDone: (targets) => targets.length === 2 && targets.every(({ health }) => health === 'up') });
});

test('no rule has an error, and what tells of bugs, lies and damage is quiet', async () => {
  const rules = await until({ what: 'an evaluation of all rules', read: () => prometheus.rules(), isDone: (all) => all.every(({ health }) => health !== 'unknown') });
  expect(rules.filter(({ health, lastError }) => health !== 'ok' || lastError)).toEqual([]);
  const quiet = ['SoukInternalErrors', 'SoukSuperPeerLies', 'SoukBlobsDamaged', 'SoukStorageFull'];
  expect(rules.filter(({ name, state }) => quiet.includes(name) && state !== 'inactive')).toEqual([]);
});
