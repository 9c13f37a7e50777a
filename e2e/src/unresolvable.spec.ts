import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { fileTree } from './packages/file-tree.ts';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';
import { until } from './scenario/until.ts';
import type { SearchAnswer } from '@souk/contracts';

const world = new Scenario();
const site = world.site('a');
const ada = world.person('ada');
const bob = world.person('bob');
const kept: Acknowledged[] = [];

const goods: { name: string; version?: string; dependencies?: Record<string, string> }[] = [
  { name: 'template-react' },
  { name: 'lib', version: '1.0.0' },
  { name: 'lib', version: '2.0.0' },
  { name: 'needs-one', dependencies: { lib: '^1.0.0' } },
  { name: 'needs-two', dependencies: { lib: '^2.0.0' } },
  { name: 'needs-nobody', dependencies: { 'never-published': '^1.0.0' } },
  { name: 'needs-three', dependencies: { lib: '^3.0.0' } },
  { name: 'hen', dependencies: { egg: '^1.0.0' } },
  { name: 'egg', dependencies: { hen: '^1.0.0' } },
];

beforeAll(async () => {
  ada.at(await site.start());
  bob.at(site);
  for (const [at, one] of goods.entries()) kept.push(await publishSmall(ada, world.folder('goods', String(at)), one));
  await until({ what: 'everything in the index', read: async () => ((await site.get('/v1/search')).body as SearchAnswer).total, isDone: (total) => total === goods.length - 1 });
});
afterEach(() => requireKept(site, kept));
afterAll(() => world.end());

test('an unknown package is 404 and exit code 3, with near names', async () => {
  expect(await site.get('/v1/packages/template-raect')).toMatchObject({ status: 404, body: { code: 'PACKAGE_NOT_FOUND', details: { name: 'template-raect', near: ['template-react'] } } });
  const unknown = { code: 3, json: { code: 'PACKAGE_NOT_FOUND', message: expect.stringContaining('template-raect'), hint: expect.stringContaining('template-react') } };
  expect(await bob.souk('info', 'template-raect')).toMatchObject(unknown);
  expect(await bob.souk('install', 'template-raect')).toMatchObject(unknown);
  expect(await bob.souk('install', 'template-raect@^1.0.0')).toMatchObject(unknown);
  expect(await bob.text('install', 'template-raect')).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('template-react') });
});

test('a name that is near to nothing says so without guesses', async () => {
  expect(await site.get('/v1/packages/zzzzzzzzzzzzzz')).toMatchObject({ status: 404, body: { code: 'PACKAGE_NOT_FOUND', details: { near: [] } } });
  expect(await bob.souk('install', 'zzzzzzzzzzzzzz')).toMatchObject({ code: 3, json: { code: 'PACKAGE_NOT_FOUND' } });
});

test('an unknown version is 404 and exit code 3, with the versions there are', async () => {
  expect(await site.get('/v1/packages/lib/9.0.0')).toMatchObject({ status: 404, body: { code: 'VERSION_NOT_FOUND', details: { name: 'lib', versions: ['2.0.0', '1.0.0'] } } });
  expect(await bob.souk('info', 'lib@9.0.0')).toMatchObject({ code: 3, json: { code: 'VERSION_NOT_FOUND', message: expect.stringContaining('lib'), details: { versions: ['2.0.0', '1.0.0'] } } });
  expect(await bob.souk('install', 'lib@9.0.0')).toMatchObject({ code: 5, json: { code: 'UNSATISFIABLE', message: expect.stringMatching(/lib 9\.0\.0[\s\S]*1\.0\.0[\s\S]*2\.0\.0/), hint: 'lib: There are 2.0.0, 1.0.0. Tags: latest (2.0.0).', details: { versions: ['2.0.0', '1.0.0'], tags: { latest: '2.0.0' } } } });
  expect(await bob.souk('install', 'lib@lattest')).toMatchObject({ code: 3, json: { code: 'VERSION_NOT_FOUND', hint: expect.stringContaining('Did you mean latest?'), details: { tags: { latest: '2.0.0' } } } });
});

test('bad versions, ranges and tags are usage errors', async () => {
  expect(await bob.souk('install', 'lib@not a range')).toMatchObject({ code: 2, json: { code: 'BAD_RANGE' } });
  expect(await bob.souk('yank', 'lib@one', '--reason', 'x')).toMatchObject({ code: 2, json: { code: 'BAD_VERSION' } });
  expect(await bob.souk('tag', 'lib@1.0.0', 'Not A Tag')).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
});

test('a requirement that nobody published is explained: what, and who requires it', async () => {
  const said = await bob.souk('install', 'needs-nobody');
  expect(said).toMatchObject({ code: 3, json: { code: 'PACKAGE_NOT_FOUND', message: expect.stringMatching(/needs-nobody[\s\S]*never-published/) } });
});

test('a requirement that no version meets is explained', async () => {
  expect(await bob.souk('install', 'needs-three')).toMatchObject({ code: 5, json: { code: 'UNSATISFIABLE', message: expect.stringMatching(/needs-three[\s\S]*lib[\s\S]*\^3\.0\.0/) } });
});

test('a conflict is explained with everybody who takes part', async () => {
  const said = await bob.souk('install', 'needs-one', 'needs-two');
  expect(said).toMatchObject({ code: 5, json: { code: 'UNSATISFIABLE' } });
  const { message } = said.json as { message: string };
  for (const word of ['needs-one', 'needs-two', 'lib', '^1.0.0', '^2.0.0']) expect(message).toContain(word);
  expect((await bob.text('install', 'needs-one', 'needs-two')).stderr).toContain(message.split('\n')[0]);
});

test('nothing was installed by any of that', async () => {
  expect(await fileTree(bob.project)).toEqual({});
});

test('a conflict with what a project already has leaves that alone', async () => {
  const cleo = world.person('cleo').at(site);
  expect(await cleo.souk('install', 'needs-one')).toMatchObject({ code: 0 });
  const before = await fileTree(cleo.project);
  expect(await cleo.souk('install', 'needs-two')).toMatchObject({ code: 5, json: { code: 'UNSATISFIABLE' } });
  expect(await fileTree(cleo.project)).toEqual(before);
});

test('a cycle resolves: both are installed', async () => {
  const dave = world.person('dave').at(site);
  expect(await dave.souk('install', 'hen')).toMatchObject({ code: 0, json: { packages: [{ name: 'egg' }, { name: 'hen' }] } });
  expect(Object.keys(await fileTree(dave.project))).toEqual(expect.arrayContaining(['souk_modules/egg/package.json', 'souk_modules/hen/package.json']));
});
