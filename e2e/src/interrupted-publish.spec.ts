import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { PackageDoc, PublisherDoc } from '@souk/contracts';
import { writePackage } from './packages/written-package.ts';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import { Proxy, type Answer } from './scenario/proxy.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
const site = world.site('a');
const ada = world.person('ada');
const kept: Acknowledged[] = [];
let proxy: Proxy;
let names = 0;

beforeAll(async () => {
  await site.start();
  proxy = await Proxy.before(site);
  world.onEnd(() => proxy.close());
  kept.push(await publishSmall(ada.at(proxy.url), world.folder('kept'), { name: 'kept' }));
});
afterEach(() => requireKept(site, kept));
afterAll(() => world.end());

/** How many records the site has of ada's keys, all of which must be in good standing. */
async function records(): Promise<number> {
  const { publisher = '' } = (await site.get('/v1/packages/kept')).body as PackageDoc;
  const { keys } = (await site.get(`/v1/publishers/${publisher}`)).body as PublisherDoc;
  expect(keys.map(({ standing }) => standing)).toEqual(['good', 'good']);
  return keys.reduce((sum, { head }) => sum + (head?.seq ?? -1) + 1, 0);
}

const cut = (answer: Answer): Answer => ({ ...answer, stopAfter: 1 });

test.each<[what: string, request: RegExp, signal: 'SIGINT' | 'SIGKILL']>([
  ['Ctrl-C while the site checks the archive', /^PUT \/v1\/blobs\//, 'SIGINT'],
  ['kill -9 while the site checks the archive', /^PUT \/v1\/blobs\//, 'SIGKILL'],
  ['Ctrl-C when the release is signed, sent and on disk, but not acknowledged', /^POST \/v1\/records/, 'SIGINT'],
  ['kill -9 when the release is signed, sent and on disk, but not acknowledged', /^POST \/v1\/records/, 'SIGKILL'],
])('%s: the same publish again goes through, as one version and without a fork', async (_what, request, signal) => {
  const name = `parcel-${(names += 1)}`;
  const folder = writePackage(world.folder(name), { name, version: '1.0.0' });
  const before = await records();
  const { promise: stalled, resolve } = Promise.withResolvers<void>();
  proxy.lies({ request, change: (answer) => (resolve(), cut(answer)) });
  const child = ada.begins('publish', folder);
  await stalled;
  expect(await child.end(signal)).toMatchObject({ code: signal === 'SIGINT' ? 130 : 137 });
  proxy.lies();
  const { cid, version } = (await ada.does('publish', folder)) as Acknowledged;
  kept.push({ name, version, cid });
  expect(await records()).toBe(before + 1);
  expect(((await site.get(`/v1/packages/${name}`)).body as PackageDoc).totalVersions).toBe(1);
});

test('a site that is killed while it takes a publish is told so, and has it or has nothing of it', async () => {
  const folder = writePackage(world.folder('cut-off'), { name: 'cut-off', version: '1.0.0' });
  const killed: Promise<void>[] = [];
  proxy.lies({ request: /^PUT \/v1\/blobs\//, change: async (answer) => (killed.push(site.kill()), await killed[0], answer) });
  expect(await ada.souk('publish', folder)).toMatchObject({ code: 6, json: { code: expect.stringMatching(/^(UNAVAILABLE|TIMEOUT)$/), hint: expect.any(String) } });
  await site.start();
  proxy.lies();
  const { cid, name, version } = (await ada.does('publish', folder)) as Acknowledged;
  kept.push({ name, version, cid });
});

test.each([1, 2, 3])('publish %d: kill -9 right after the acknowledgement loses nothing', async (at) => {
  const { cid, name, version } = (await ada.does('publish', writePackage(world.folder('sudden', String(at)), { name: 'sudden', version: `1.0.${at}` }))) as Acknowledged;
  await site.kill();
  kept.push({ name, version, cid });
  await site.start();
});

test('two publishes at once by one person both go through, one after the other', async () => {
  const folders = ['left', 'right'].map((name) => writePackage(world.folder(name), { name, version: '1.0.0' }));
  const before = await records();
  const said = await Promise.all(folders.map((folder) => ada.does('publish', folder)));
  kept.push(...(said as Acknowledged[]).map(({ name, version, cid }) => ({ name, version, cid })));
  expect(await records()).toBe(before + 2);
});
