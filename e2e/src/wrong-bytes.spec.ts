import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PeerScore } from '@souk/contracts';
import { packageOfFiles } from '@souk/testing/archives';
import { fileTree } from './packages/file-tree.ts';
import { flipped } from './packages/flipped.ts';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import type { Person } from './scenario/person.ts';
import { Scenario } from './scenario/scenario.ts';
import type { Site } from './scenario/site.ts';
import { until } from './scenario/until.ts';

const world = new Scenario();
const [honest, wrong] = [world.site('honest'), world.site('wrong')];
const near = world.site('near').joins(wrong.joins(honest));
const far = world.site('far').joins(wrong);
const kept: Acknowledged[] = [];

/** What becomes of the files of a peer's blobs. Each is served under the cid of what it was. */
const damage: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  flipped,
  cut: (bytes) => bytes.subarray(0, -100),
  swapped: () => packageOfFiles({ 'package.json': '{"name":"swapped","version":"1.0.0"}', 'index.js': 'evil();\n' }),
};
const names = Object.keys(damage);
const fileOf = (site: Site, cid: string): string | undefined => globSync(`blobs/*/${cid}`, { cwd: site.data }).map((path) => join(site.data, path))[0];
const install = (who: string, site: Site): Promise<[Person, Awaited<ReturnType<Person['souk']>>]> => {
  const one = world.person(who).at(site);
  return one.souk('install', ...names).then((said) => [one, said]);
};

async function expectOriginals(one: Person): Promise<void> {
  const wanted = names.flatMap((name) => ['index.js', 'package.json', 'noise.txt'].map((file) => [`${name}/${file}`, readFileSync(join(world.path, 'goods', name, file), 'utf8')]));
  const found = Object.keys(await fileTree(join(one.project, 'souk_modules'))).map((path) => [path, readFileSync(join(one.project, 'souk_modules', path), 'utf8')]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
}

beforeAll(async () => {
  await honest.start();
  await wrong.start();
  const ada = world.person('ada').at(honest);
  for (const name of names) kept.push(await publishSmall(ada, world.folder('goods', name), { name }, { 'noise.txt': `${name} `.repeat(50_000) }));
  await until({ what: 'all at the second site', read: () => world.person('mallory').at(wrong).souk('install', ...names), isDone: ({ code }) => code === 0 });
});
afterAll(() => world.end());

test('control: the second site holds every blob, and now serves other bytes under their cids', () => {
  for (const { name, cid } of kept) {
    const file = fileOf(wrong, cid) ?? '';
    writeFileSync(file, damage[name]?.(readFileSync(file)) ?? '');
    expect(readFileSync(file)).not.toEqual(readFileSync(fileOf(honest, cid) ?? ''));
  }
  expect(kept.map(({ name }) => name)).toEqual(names);
});

test('nobody installs from it, not even at its own gateway, and no other site keeps its bytes', async () => {
  await honest.kill();
  await near.start();
  const [bob, atNear] = await install('bob', near);
  expect(atNear).toMatchObject({ code: 6, json: { code: 'NO_PROVIDER', details: { missing: expect.arrayContaining(kept.map(({ name, version, cid }) => ({ name, version, cid }))) } } });
  expect(await fileTree(bob.project)).toEqual({});
  expect(kept.map(({ cid }) => fileOf(near, cid))).toEqual(names.map(() => undefined));
  const [eve, atWrong] = await install('eve', wrong);
  expect([4, 6]).toContain(atWrong.code);
  expect(await fileTree(eve.project)).toEqual({});
});

test('the site that was cheated knows by whom', async () => {
  const read = async (): Promise<PeerScore | undefined> => ((await near.get('/v1/reputation/peers')).body as { peers: PeerScore[] }).peers.find(({ peer }) => peer === wrong.peerId);
  const scored = await until({ what: 'the score of the second site', read, isDone: (one) => (one?.evidence.corrupt ?? 0) > 0 });
  expect(scored?.score).toBeLessThan(0.5);
});

test('one honest provider is enough: when it is back, everybody gets the original bytes, whoever else offers others', async () => {
  await honest.start();
  const [bob] = await until({ what: 'the originals at the near site', read: () => install('bob', near), isDone: ([, { code }]) => code === 0 });
  await expectOriginals(bob);
  await far.start();
  const [cleo] = await until({ what: 'the originals at the far site', read: () => install('cleo', far), isDone: ([, { code }]) => code === 0 });
  await expectOriginals(cleo);
  await Promise.all([honest, near, far].map((site) => requireKept(site, kept)));
});
