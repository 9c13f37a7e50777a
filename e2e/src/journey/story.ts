import { expect } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SearchAnswer } from '@souk/contracts';
import { fileTree } from '../packages/file-tree.ts';
import { writePackage } from '../packages/written-package.ts';
import type { Person } from '../scenario/person.ts';
import type { Site } from '../scenario/site.ts';
import { until } from '../scenario/until.ts';
import type { Journey } from './journey.ts';

/** One step of the story: what comes true, and the proof that throws where it does not. Each builds on those before it. */
export type Step = readonly [what: string, prove: (journey: Journey) => Promise<void>];

/** The story, up to where everybody is asked to stop. It is told of sites in every mode alike. */
export const story: readonly Step[] = [
  ['ada publishes everything at A; every publish is acknowledged with the cid of the original bytes', publishAtA],
  ['B, joined to A, finds all of them by search', findAtB],
  ['what is published at A once all are linked is found at B', findFreshAtB],
  ['bob installs at B: the package and all that it requires, file by file as the originals', installAtB],
  ['C joins B only and gets the same, also what lies at A alone', joinAndInstallAtC],
  ['A is killed: B installs what it holds, and names clearly what it cannot get', goOnWithoutA],
  ['a publish at B while A is away, and one by hand of another publisher at C', publishWithoutA],
  ['A returns with all it had acknowledged, and all converge', returnOfA],
];

/** How the story ends. */
export const ending: Step = ['asked to stop, every site ends by itself with exit code 0, and nobody left temporary files', stopAll];

const search = async (site: Site, q: string): Promise<SearchAnswer> => (await site.get(`/v1/search?limit=100&q=${encodeURIComponent(q)}`)).body as SearchAnswer;

/** Throws unless packages lie in somebody's project file by file as their originals, and nothing else does. */
async function expectInstalled(journey: Journey, one: Person, names: readonly string[]): Promise<void> {
  expect(await fileTree(join(one.project, 'souk_modules'))).toEqual(journey.files(names));
}

async function publishAtA(journey: Journey): Promise<void> {
  const { files } = journey.goods;
  const ada = journey.world.person('ada').at(journey.sites.a);
  const said: unknown[] = [];
  for (const file of files.values()) said.push((await ada.souk('publish', file)).json);
  expect(said).toMatchObject([...files.keys()].map((name) => ({ status: 'published', ...journey.pinned(name), kind: expect.stringMatching(/^(template|package)$/) })));
}

async function findAtB(journey: Journey): Promise<void> {
  const { world, goods, sites } = journey;
  const found = await until({ what: 'every package at B', read: () => search(sites.b, ''), isDone: ({ total }) => total === goods.files.size });
  expect(Object.fromEntries(found.items.map(({ name, version }) => [name, version]))).toEqual(journey.versions);
  const bob = world.person('bob').at(sites.b);
  // Each replica of a search service follows for itself.
  const isFound = ({ json }: { json?: unknown }): boolean => ((json as SearchAnswer | undefined)?.items ?? []).some(({ name }) => name === goods.rare);
  const said = await until({ what: `${goods.rare} at B by the command line`, read: () => bob.souk('search', goods.rare), isDone: isFound });
  expect(said).toMatchObject({ code: 0 });
}

async function findFreshAtB({ world, sites: { a, b } }: Journey): Promise<void> {
  const ada = world.person('ada').at(a);
  const name = 'fresh';
  expect(await ada.souk('publish', writePackage(world.folder('fresh', name), { name, version: '1.0.0' }))).toMatchObject({ code: 0, json: { status: 'published' } });
  await until({ what: `${name} at B`, read: () => search(b, name), isDone: ({ items }) => items.some((one) => one.name === name) });
}

async function installAtB(journey: Journey): Promise<void> {
  const { wanted, closure } = journey.goods;
  const bob = journey.world.person('bob').at(journey.sites.b);
  const said = await bob.souk('install', wanted);
  expect(said).toMatchObject({ code: 0, json: { packages: expect.arrayContaining(closure.map((name) => expect.objectContaining({ ...journey.pinned(name), change: 'added' }))) } });
  await expectInstalled(journey, bob, closure);
  const lockfile = readFileSync(join(bob.project, 'souk-lock.json'), 'utf8');
  for (const name of closure) expect(JSON.parse(lockfile)).toHaveProperty(['packages', name], expect.objectContaining(journey.locked(name)));
  expect(lockfile).not.toMatch(/127\.0\.0\.1|localhost|https?:/);
  expect((await bob.souk('list')).json).toMatchObject({ packages: closure.toSorted((one, other) => (one < other ? -1 : 1)).map((name) => ({ name, state: 'ok' })) });
}

async function joinAndInstallAtC(journey: Journey): Promise<void> {
  const { goods, sites } = journey;
  await sites.c.start();
  expect([sites.a, sites.b, sites.c].map((site) => journey.holds(site, goods.rare))).toEqual([true, false, false]);
  const cleo = journey.world.person('cleo').at(sites.c);
  expect(await cleo.souk('install', goods.wanted, goods.rare)).toMatchObject({ code: 0 });
  await expectInstalled(journey, cleo, [...goods.closure, goods.rare]);
  await journey.oneHeadRoot();
}

async function goOnWithoutA(journey: Journey): Promise<void> {
  const { goods, sites } = journey;
  await sites.a.kill();
  const dave = journey.world.person('dave').at(sites.b);
  expect(await dave.souk('install', goods.wanted)).toMatchObject({ code: 0 });
  await expectInstalled(journey, dave, goods.closure);
  const before = await fileTree(dave.project);
  const refused = await dave.souk('install', goods.wanted, goods.unfetched);
  const { name, version, cid } = journey.pinned(goods.unfetched);
  expect(refused).toMatchObject({ code: 6, json: { code: 'NO_PROVIDER', message: expect.stringContaining(`${name}@${version}`), hint: expect.any(String), details: { missing: [{ name, version, cid }] } } });
  const text = await dave.text('install', goods.unfetched);
  expect(text).toMatchObject({ code: 6, stdout: '', stderr: expect.stringContaining(`${name}@${version}`) });
  expect(await fileTree(dave.project)).toEqual(before);
}

async function publishWithoutA({ world, sites }: Journey): Promise<void> {
  const publish = (name: string, one: Person) => one.souk('publish', writePackage(world.folder('meanwhile', name), { name, version: '1.0.0', description: 'published while A was away' }));
  expect(await publish('from-b', world.person('bob').at(sites.b))).toMatchObject({ code: 0, json: { status: 'published' } });
  expect(await publish('from-c', world.person('cleo').at(sites.c))).toMatchObject({ code: 0, json: { status: 'published' } });
}

async function returnOfA(journey: Journey): Promise<void> {
  const { world, goods, sites } = journey;
  await sites.a.start();
  for (const name of goods.files.keys()) expect(await sites.a.get(`/v1/packages/${name}/${journey.pinned(name).version}`)).toMatchObject({ status: 200, body: { cid: journey.pinned(name).cid } });
  expect(await journey.oneHeadRoot()).toMatch(/^[0-9a-f]{64}$/);
  const records = await Promise.all(Object.values(sites).map(async (site) => (await site.status()).records));
  expect(new Set(records).size).toBe(1);
  const erin = world.person('erin').at(sites.a);
  expect(await erin.souk('install', 'from-b', 'from-c')).toMatchObject({ code: 0 });
  expect(Object.keys(await fileTree(join(erin.project, 'souk_modules'))).sort()).toEqual(['from-b/index.js', 'from-b/package.json', 'from-c/index.js', 'from-c/package.json']);
  const dave = world.person('dave').at(sites.b);
  expect(await dave.souk('install', goods.unfetched)).toMatchObject({ code: 0 });
  await expectInstalled(journey, dave, [...goods.closure, goods.unfetched]);
}

async function stopAll({ world, sites }: Journey): Promise<void> {
  expect((await Promise.all(Object.values(sites).map((site: Site) => site.stop()))).map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(readdirSync(world.folder('temporary'))).toEqual([]);
}
