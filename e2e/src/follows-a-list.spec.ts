import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { SearchAnswer } from '@souk/contracts';
import { seedFrom, toHex } from '@souk/domain';
import { freePort } from './scenario/free-port.ts';
import { publishSmall, type Acknowledged } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';
import { until } from './scenario/until.ts';

const world = new Scenario();
const port = String(await freePort());
const key = { SOUK_NETWORK_KEY: toHex(seedFrom('a network with a small leaf')), SOUK_P2P_HOST: '127.0.0.1', SOUK_P2P_PATIENCE: '10' };
const hub = world.site('hub').with({ ...key, SOUK_ROLE: 'super', SOUK_P2P_PORT: port });
const leaf = world.site('leaf').with({ ...key, SOUK_ROLE: 'leaf', SOUK_SUPERS: `/ip4/127.0.0.1/tcp/${port}`, SOUK_FOLLOW: 'list', SOUK_FOLLOW_LIST: '@team/*' });
const [ada, ben, cleo] = [world.person('ada'), world.person('ben'), world.person('cleo')];
let published: Acknowledged;

const status = async (): Promise<{ readonly logs: number; readonly records: number }> => (await ben.does('network', 'status')) as { readonly logs: number; readonly records: number };

beforeAll(async () => {
  ada.at(await hub.start());
  cleo.at(hub);
  await publishSmall(ada, world.folder('followed'), { name: '@team/kit', description: 'A kit of the team' });
  published = await publishSmall(cleo, world.folder('remote'), { name: 'far-away', description: 'A kit of somebody else' });
  ben.at(await leaf.start());
  await until({ what: 'the logs that the leaf follows', read: status, isDone: ({ logs }) => logs === 2 });
});
afterAll(() => world.end());

test('a site that follows a list finds what only a super-peer knows, and says from where', async () => {
  const search = async (): Promise<SearchAnswer> => (await ben.does('search', 'kit')) as SearchAnswer;
  const answer = await until({ what: 'a hit of the super-peer', read: search, isDone: ({ items }) => items.length === 2 });
  expect(answer).toMatchObject({ total: 2, followed: { hits: 1, superPeer: hub.peerId } });
  expect(answer.items.map(({ name, remote }) => [name, remote ?? false])).toEqual([
    ['@team/kit', false],
    ['far-away', true],
  ]);
});

test('it shows, resolves, proves and installs it, locks its publisher, and keeps none of its records', async () => {
  const before = await status();
  expect(await ben.does('info', 'far-away')).toMatchObject({ name: 'far-away', latest: '1.0.0' });
  expect(await ben.does('install', 'far-away')).toMatchObject({ packages: [{ name: 'far-away', cid: published.cid, change: 'added' }] });
  expect(await ben.does('install', '--frozen')).toMatchObject({ packages: [{ name: 'far-away', cid: published.cid, change: 'unchanged' }] });
  expect(await status()).toMatchObject({ logs: before.logs, records: before.records });
});

test('what nobody published is not found, and not taken for something that nobody could be asked about', async () => {
  expect(await ben.souk('info', 'no-such-package')).toMatchObject({ json: { code: 'PACKAGE_NOT_FOUND' } });
});
