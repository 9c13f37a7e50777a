import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { fileTree, type FileTree } from './packages/file-tree.ts';
import { writeBytes } from './packages/written-package.ts';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import type { Person } from './scenario/person.ts';
import { Proxy } from './scenario/proxy.ts';
import { Scenario } from './scenario/scenario.ts';

const names = ['lamp', 'desk', 'chair'];
const world = new Scenario();
const site = world.site('a');
const kept: Acknowledged[] = [];
let proxy: Proxy;
let people = 0;
let old: FileTree;
let bob: Person;

beforeAll(async () => {
  await site.start();
  proxy = await Proxy.before(site);
  world.onEnd(() => proxy.close());
  const ada = world.person('ada').at(site);
  for (const version of ['1.0.0', '2.0.0']) {
    for (const name of names) kept.push(await publishSmall(ada, world.folder(name, version), { name, version }, { 'index.js': `export const version = '${version}';\n` }));
  }
});

/** Everybody has version 1 installed, and a file of their own beside it. */
beforeEach(async () => {
  proxy.lies();
  bob = world.person(`bob-${(people += 1)}`).at(proxy.url);
  writeBytes(join(bob.project, 'src', 'main.js'), "import 'lamp';\n");
  await bob.does('install', ...names.map((name) => `${name}@1.0.0`));
  old = await fileTree(bob.project);
});
afterEach(() => requireKept(site, kept));
afterAll(() => world.end());

const newer = names.map((name) => `${name}@^2.0.0`);

/** The versions of a project's packages, all of which must lie there as they were signed. */
async function installedVersions(one: Person): Promise<string[]> {
  const { json } = await one.souk('list');
  const { packages } = json as { packages: { name: string; version: string; state: string }[] };
  expect(packages.map(({ name, state }) => [name, state])).toEqual([...names].sort((a, b) => (a < b ? -1 : 1)).map((name) => [name, 'ok']));
  return packages.map(({ version }) => version);
}

/** The install after an interruption brings everything, and leaves nothing else behind. */
async function expectInstallWorks(): Promise<void> {
  expect(await bob.souk('install', ...newer)).toMatchObject({ code: 0 });
  expect(new Set(await installedVersions(bob))).toEqual(new Set(['2.0.0']));
  expect(Object.keys(await fileTree(bob.project)).sort()).toEqual(Object.keys(old).sort());
}

/** Starts the install of version 2 and answers when a request was stalled in the middle of its answer. */
async function stalledAt(request: RegExp): Promise<ReturnType<Person['begins']>> {
  const { promise, resolve } = Promise.withResolvers<void>();
  proxy.lies({ request, change: (answer) => (resolve(), { ...answer, stopAfter: Math.floor(answer.body.length / 2) }) });
  const child = bob.begins('install', ...newer);
  await Promise.race([promise, child.ended().then((ended) => Promise.reject(new Error(`it ended: ${JSON.stringify(ended)}`)))]);
  return child;
}

test.each([
  ['the site resolves', /^POST \/v1\/resolutions/],
  ['the site fetches', /^POST \/v1\/installs/],
  ['a blob is downloaded', /^GET \/v1\/blobs\//],
])('Ctrl-C while %s: exit code 130, the previous tree untouched, then the install works', async (_when, request) => {
  const child = await stalledAt(request);
  const ended = await child.end('SIGINT');
  expect(ended).toMatchObject({ code: 130, stdout: expect.stringContaining('CANCELLED') });
  expect(await fileTree(bob.project)).toEqual(old);
  proxy.lies();
  await expectInstallWorks();
});

test('kill -9 while a blob is downloaded: what was installed stays as it was signed, then the install works', async () => {
  await (await stalledAt(/^GET \/v1\/blobs\//)).end('SIGKILL');
  expect(await fileTree(join(bob.project, 'souk_modules'))).toEqual(Object.fromEntries(Object.entries(old).flatMap(([path, line]) => (path.startsWith('souk_modules/') ? [[path.slice('souk_modules/'.length), line]] : []))));
  proxy.lies();
  expect(new Set(await installedVersions(bob))).toEqual(new Set(['1.0.0']));
  await expectInstallWorks();
});

test.each([2, 16, 28, 34, 40, 48])('kill -9 at change %d of the project folder: the next command finds all of one version, never a mixture', async (at) => {
  let changes = 0;
  const child = bob.begins('install', ...newer);
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const watcher = watch(bob.project, { recursive: true }, () => {
    changes += 1;
    if (changes === at) resolve();
  });
  await Promise.race([reached, child.ended()]);
  watcher.close();
  await child.end('SIGKILL');
  expect(new Set(await installedVersions(bob)).size).toBe(1);
  await expectInstallWorks();
  expect(existsSync(join(bob.project, '.souk-install'))).toBe(false);
});
