import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SoukError } from '@souk/domain';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;

beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(() => bench.close());

const read = (name: string): unknown => JSON.parse(readFileSync(join(bench.project, name), 'utf8'));

async function publishPair(): Promise<void> {
  await bench.publish({ name: 'colors', version: '1.2.0' });
  await bench.publish({ name: '@team/page', version: '2.0.0', dependencies: { colors: '^1.0.0' } }, { 'lib/page.js': 'page\n' });
}

test('a package and what it requires come into souk_modules, with souk.json and a lockfile that names no host', async () => {
  await publishPair();
  const ran = await bench.souk(['install', '@team/page', '--json']);
  expect(ran).toMatchObject({ code: 0, json: { packages: [{ name: '@team/page', version: '2.0.0', change: 'added' }, { name: 'colors', version: '1.2.0', change: 'added' }], removed: [], downloaded: { blobs: 2 } } });
  expect(Object.keys(bench.tree())).toEqual([
    'souk-lock.json', 'souk.json', 'souk_modules/', 'souk_modules/@team/', 'souk_modules/@team/page/', 'souk_modules/@team/page/index.js', 'souk_modules/@team/page/lib/',
    'souk_modules/@team/page/lib/page.js', 'souk_modules/@team/page/package.json', 'souk_modules/colors/', 'souk_modules/colors/index.js', 'souk_modules/colors/package.json',
  ]);
  expect(read('souk.json')).toEqual({ dependencies: { '@team/page': '^2.0.0' } });
  expect(read('souk-lock.json')).toEqual({
    lockfileVersion: 1,
    packages: {
      '@team/page': { version: '2.0.0', cid: expect.stringMatching(/^bafkrei/), integrity: expect.stringMatching(/^sha512-/), publisher: expect.stringMatching(/^z6Mk/), tree: expect.stringMatching(/^[0-9a-f]{64}$/), requires: { colors: '^1.0.0' } },
      colors: { version: '1.2.0', cid: expect.any(String), integrity: expect.any(String), publisher: expect.any(String), tree: expect.any(String), requires: {} },
    },
  });
  expect(readFileSync(join(bench.project, 'souk-lock.json'), 'utf8')).not.toContain('127.0.0.1');
});

test('the same files anywhere: a second project downloads nothing, and needs no site when a lockfile is there', async () => {
  await publishPair();
  await bench.souk(['install', '@team/page']);
  const before = bench.tree();
  const second = join(bench.folder, 'second');
  expect(await bench.souk(['install', '@team/page', '--dir', second, '--json'])).toMatchObject({ code: 0, json: { downloaded: { blobs: 0, bytes: 0 } } });
  expect(bench.tree(second)).toEqual(before);
  const third = join(bench.folder, 'third');
  bench.write(third, { 'souk.json': before['souk.json'] ?? '', 'souk-lock.json': before['souk-lock.json'] ?? '' });
  const offline = { env: { SOUK_SITE: 'http://127.0.0.1:1' } };
  expect(await bench.souk(['install', '--dir', third, '--frozen', '--json'], offline)).toMatchObject({ code: 0, json: { downloaded: { blobs: 0 } } });
  expect(bench.tree(third)).toEqual(before);
});

test('a lockfile is followed to the letter by another user, who downloads and verifies for himself', async () => {
  await publishPair();
  await bench.souk(['install', '@team/page']);
  const before = bench.tree();
  await bench.publish({ name: 'colors', version: '1.9.0' });
  const dir = join(bench.folder, 'clone');
  bench.write(dir, { 'souk.json': before['souk.json'] ?? '', 'souk-lock.json': before['souk-lock.json'] ?? '' });
  expect(await bench.souk(['install', '--dir', dir, '--json'], { home: join(bench.folder, 'other') })).toMatchObject({ code: 0, json: { downloaded: { blobs: 2 } } });
  expect(bench.tree(dir)).toEqual(before);
});

test('a range is kept as it was given, a tag and nothing become a caret range', async () => {
  await bench.publish({ name: 'a', version: '1.0.0' });
  await bench.publish({ name: 'b', version: '1.0.0' });
  await bench.publish({ name: 'c', version: '1.4.0' });
  expect((await bench.souk(['install', 'a@>=1 <2', 'b@latest', 'c'])).code).toBe(0);
  expect(read('souk.json')).toEqual({ dependencies: { a: '>=1 <2', b: '^1.0.0', c: '^1.4.0' } });
});

test('other fields of souk.json stay; asking again updates; what nothing requires any more goes', async () => {
  await publishPair();
  writeFileSync(join(bench.project, 'souk.json'), '{ "name": "mine", "dependencies": {} }');
  await bench.souk(['install', '@team/page']);
  await bench.publish({ name: '@team/page', version: '2.1.0' });
  const ran = await bench.souk(['install', '@team/page', '--json']);
  expect(ran.json).toMatchObject({ packages: [{ name: '@team/page', version: '2.1.0', change: 'updated' }], removed: ['colors'] });
  expect(read('souk.json')).toEqual({ name: 'mine', dependencies: { '@team/page': '^2.1.0' } });
  expect(existsSync(join(bench.project, 'souk_modules', 'colors'))).toBe(false);
});

test('what was modified or deleted is put right, and the rest left alone', async () => {
  await publishPair();
  await bench.souk(['install', '@team/page']);
  const before = bench.tree();
  writeFileSync(join(bench.project, 'souk_modules/colors/index.js'), 'changed');
  rmSync(join(bench.project, 'souk_modules/@team/page'), { recursive: true });
  expect((await bench.souk(['list', '--json'])).json.packages).toMatchObject([{ name: '@team/page', state: 'missing' }, { name: 'colors', state: 'modified' }]);
  expect((await bench.souk(['install', '--json'])).json.packages).toMatchObject([{ change: 'added' }, { change: 'repaired' }]);
  expect(bench.tree()).toEqual(before);
  expect((await bench.souk(['install'])).stdout).toMatch(/^Everything is in place\./);
});

test('--frozen refuses a lockfile that does not do', async () => {
  await publishPair();
  await bench.souk(['install', '@team/page']);
  writeFileSync(join(bench.project, 'souk.json'), '{"dependencies":{"@team/page":"^2.0.0","colors":"^2.0.0"}}');
  const before = bench.tree();
  expect(await bench.souk(['install', '--frozen', '--json'])).toMatchObject({ code: 5, json: { code: 'LOCKFILE_STALE', message: expect.stringContaining('colors@^2.0.0, locked is 1.2.0') } });
  expect(bench.tree()).toEqual(before);
});

test('no script of a package ever runs, at publish or install', async () => {
  const trap = `node -e "require('fs').writeFileSync('${join(bench.folder, 'trapped')}', '')"`;
  const names = ['preinstall', 'install', 'postinstall', 'prepare', 'prepack', 'postpack', 'prepublish', 'prepublishOnly', 'publish', 'postpublish', 'dependencies'];
  await bench.publish({ name: 'trap', version: '1.0.0', scripts: Object.fromEntries(names.map((name) => [name, trap])), gypfile: true }, { 'binding.gyp': '{}', 'install.js': 'process.exit(1)' });
  expect((await bench.souk(['install', 'trap'])).code).toBe(0);
  expect(existsSync(join(bench.project, 'souk_modules/trap/install.js'))).toBe(true);
  expect(existsSync(join(bench.folder, 'trapped'))).toBe(false);
});

test('unknown names, wrong ranges and a project without souk.json are told of, and nothing is made', async () => {
  expect(await bench.souk(['install', 'nobody', '--json'])).toMatchObject({ code: 3, json: { code: 'PACKAGE_NOT_FOUND' } });
  expect(await bench.souk(['install', 'a@not a range', '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_RANGE' } });
  expect(await bench.souk(['install', 'Bad Name', '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_NAME' } });
  expect(await bench.souk(['install', '--json'])).toMatchObject({ code: 3, json: { code: 'NOT_FOUND' } });
  expect(await bench.souk(['install', 'a', '--frozen', '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  expect(bench.tree()).toEqual({});
});

test('packages that can not be had are all named', async () => {
  await publishPair();
  bench.site.blobs.clear();
  const ran = await bench.souk(['install', '@team/page', '--json']);
  expect(ran).toMatchObject({ code: 6, json: { code: 'NO_PROVIDER', details: { missing: [{ name: '@team/page', version: '2.0.0' }, { name: 'colors', version: '1.2.0' }] } } });
  expect(ran.json.message).toMatch(/@team\/page@2\.0\.0, colors@1\.2\.0/);
  expect(bench.tree()).toEqual({});
});

test.each(['postResolution', 'postInstall', 'getBlob'] as const)('Ctrl-C while %s is answered: exit 130 and nothing is made', async (route) => {
  await publishPair();
  const stop = new AbortController();
  bench.site.raws[route] = () => stop.abort(new SoukError('CANCELLED', 'Interrupted.'));
  expect(await bench.souk(['install', '@team/page', '--json'], { signal: stop.signal })).toMatchObject({ code: 130, json: { code: 'CANCELLED' } });
  expect(bench.tree()).toEqual({});
});

test('a process that is killed in the middle of a download leaves the project as it was; the next one needs no help', async () => {
  await publishPair();
  await bench.souk(['install', 'colors']);
  const before = bench.tree();
  const env = { ...process.env, SOUK_HOME: bench.home, SOUK_SITE: bench.site.url };
  const child = spawn(process.execPath, ['--conditions=@souk/source', '--disable-warning=ExperimentalWarning', join(bench.packageFolder, 'src', 'main.ts'), 'install', '@team/page'], { cwd: bench.project, env, stdio: 'inherit' });
  bench.site.raws.getBlob = () => void child.kill('SIGKILL');
  await once(child, 'exit');
  bench.site.raws.getBlob = undefined;
  const { ['.souk-install/lock']: lock, ...left } = bench.tree();
  expect(JSON.parse(lock ?? '')).toMatchObject({ pid: child.pid });
  expect(left).toEqual({ '.souk-install/': '', ...before });
  expect(await bench.souk(['install', '@team/page', '--json'])).toMatchObject({ code: 0, json: { packages: [{ change: 'added' }, { change: 'unchanged' }] } });
  expect(Object.keys(bench.tree()).filter((path) => path.startsWith('.'))).toEqual([]);
});

test('two installs at once: one waits for the other', async () => {
  await publishPair();
  const all = await Promise.all([bench.souk(['install', '@team/page']), bench.souk(['install', 'colors'])]);
  expect(all.map(({ code }) => code)).toEqual([0, 0]);
  expect(Object.keys((read('souk.json') as { dependencies: object }).dependencies).sort()).toEqual(['@team/page', 'colors']);
});

test('a blob that was damaged on this disk is noticed, deleted and downloaded again', async () => {
  await publishPair();
  await bench.souk(['install', 'colors']);
  const { cid } = (read('souk-lock.json') as { packages: { colors: { cid: string } } }).packages.colors;
  const path = join(bench.home, 'store', cid.slice(-2), cid);
  const bytes = readFileSync(path);
  bytes[bytes.length - 10] = (bytes[bytes.length - 10] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const dir = join(bench.folder, 'second');
  expect(await bench.souk(['install', 'colors', '--dir', dir, '--json'])).toMatchObject({ code: 4, json: { code: expect.stringMatching(/BAD_ARCHIVE|CID_MISMATCH/) } });
  expect(bench.tree(dir)).toEqual({});
  expect(await bench.souk(['install', 'colors', '--dir', dir, '--json'])).toMatchObject({ code: 0, json: { downloaded: { blobs: 1 } } });
});

test('what the site says that nobody can give is told with all names, without a download', async () => {
  await publishPair();
  const { cid } = (await bench.souk(['info', 'colors@1.2.0', '--json'])).json;
  bench.site.twists.postInstall = () => [{ type: 'error', code: 'NO_PROVIDER', message: 'Gone.', details: { missing: [{ name: 'colors', version: '1.2.0', cid }] } }];
  expect(await bench.souk(['install', '@team/page', '--json'])).toMatchObject({ code: 6, json: { code: 'NO_PROVIDER', message: "colors@1.2.0 can't be had now: no peer that can be reached holds it." } });
  expect(bench.site.downloads).toBe(0);
  bench.site.raws.postInstall = (_request, response) => void response.writeHead(500).end();
  expect((await bench.souk(['install', '@team/page'])).code).toBe(0);
});
