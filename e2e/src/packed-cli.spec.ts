import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, globSync, lstatSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { untar } from './packages/file-tree.ts';
import { inventedLines, readmeSession } from './packages/readme-session.ts';
import { Child, runToEnd, type Ended } from './scenario/child.ts';
import { programs, repository } from './scenario/repository.ts';
import { Scenario } from './scenario/scenario.ts';
import { until } from './scenario/until.ts';

interface Ready {
  readonly url: string;
  readonly peerId: string;
  readonly multiaddrs: string[];
  readonly invite: string;
}

const world = new Scenario();
const prefix = world.folder('prefix');
const project = world.folder('project');
const souk = join(prefix, 'bin', 'souk');
/** What a stranger's shell has: the installed command, a Node that runs sites, the system's own programs, and nothing of this repository. */
const path = [dirname(souk), dirname(process.execPath), ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => !resolve(folder).startsWith(repository))].join(delimiter);
const env: Record<string, string> = { ...world.environment, PATH: path, HOME: world.folder('stranger') };
let up: Child;
let ready: Ready;

beforeAll(async () => {
  const installed = await runToEnd('npm', ['install', '--global', '--prefix', prefix, '--offline', '--no-audit', '--no-fund', '--silent', programs.tarball], { cwd: project, env });
  if (installed.code !== 0) throw new Error(`npm i -g failed:\n${installed.stdout}${installed.stderr}`);
  up = new Child(souk, ['up', '--json', '--port', '0', '--p2p-port', '0'], { cwd: project, env: { ...env, SOUK_P2P_HOST: '127.0.0.1' } });
  world.onEnd(async () => void (await up.end('SIGKILL')));
  ready = JSON.parse((await up.firstLine()) ?? '{}') as Ready;
});
afterAll(() => world.end());

/** Runs the installed command as the stranger. */
const run = (...words: string[]): Promise<Ended> => runToEnd(souk, words, { cwd: project, env: { ...env, SOUK_SITE: ready.url } });
const json = async (...words: string[]): Promise<unknown> => JSON.parse((await run(...words, '--json')).stdout);

test('the tarball needs nothing else, and names no path of the machine that made it', async () => {
  const folder = world.folder('unpacked');
  const files = Object.keys(await untar(programs.tarball, folder));
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  expect(manifest).toMatchObject({ name: '@souk/cli', bin: { souk: 'bin/souk.mjs' } });
  expect(Object.keys((manifest['dependencies'] as object | undefined) ?? {})).toEqual([]);
  expect(files.filter((file) => readFileSync(join(folder, file), 'utf8').includes(repository))).toEqual([]);
  expect(globSync('lib/node_modules/*/*', { cwd: prefix })).toEqual(['lib/node_modules/@souk/cli']);
  expect(lstatSync(join(prefix, 'lib', 'node_modules', '@souk', 'cli')).isSymbolicLink()).toBe(false);
});

test('souk up --json says in one line how the site is reached', async () => {
  expect(ready).toStrictEqual({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), peerId: expect.stringMatching(/^12D3Koo/), multiaddrs: [expect.stringContaining(`/p2p/${ready.peerId}`)], invite: expect.stringMatching(/^souk1_/) });
  expect((await fetch(new URL('/readyz', ready.url))).status).toBe(200);
  expect(await json('network')).toMatchObject({ peerId: ready.peerId, headRoot: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('compiled code is kept in the home of whoever has one, and makes nobody a home', async () => {
  expect((await run('search', '--json')).code).toBe(0);
  expect(globSync('**/*', { cwd: join(env['HOME'] ?? '', '.souk', 'cache', 'compiled') }).length).toBeGreaterThan(3);
  const newcomer = world.folder('newcomer');
  expect((await runToEnd(souk, ['--version'], { cwd: project, env: { ...env, HOME: newcomer } })).code).toBe(0);
  expect(existsSync(join(newcomer, '.souk'))).toBe(false);
});

test("the README's session does what the README says", async () => {
  const session = readmeSession();
  for (const { words, shown } of session) {
    const read = async () => run(...words.slice(1)).then((said) => ({ command: words.join(' '), ...said, invented: inventedLines(shown, said.stdout) }));
    // The index follows what was published; a reader types slower than a test.
    const said = words[1] === 'search' ? await until({ what: 'what the README finds', read, isDone: ({ invented }) => invented.length === 0 }) : await read();
    expect(said).toMatchObject({ command: words.join(' '), code: 0, invented: [] });
  }
  expect(session.map(({ words }) => words[1])).toEqual(expect.arrayContaining(['demo', 'search', 'install', 'list', 'uninstall']));
});

test('control: what a README invents would be found', () => {
  expect(inventedLines(['+ lib 1.0.0', 'took 5 ms'], '+ app 1.0.0\n+ lib 1.0.0\ntook 17 ms\n')).toEqual([]);
  expect(inventedLines(['+ lib 1.0.0', '+ app 1.0.0'], '+ app 1.0.0\n+ lib 1.0.0\n')).toEqual(['+ app 1.0.0']);
  expect(inventedLines(['+ lib ...'], '+ lib 1.0.0\n')).toEqual([]);
  expect(inventedLines(['+ lib 2.0.0'], '+ lib 1.0.0\n')).toEqual(['+ lib 2.0.0']);
});

test('the other commands too: demo, search, info, install, list, verify, resolve, network, key, config, uninstall', async () => {
  expect(await json('demo')).toMatchObject({ published: [{ name: 'editor-basics', status: 'already-published' }, { name: 'node-cli-tool' }, { name: 'node-http-service' }] });
  expect(await json('search', 'service')).toMatchObject({ total: 1, items: [{ name: 'node-http-service', kind: 'template' }] });
  expect(await json('info', 'node-http-service')).toMatchObject({ latest: '1.0.0' });
  expect(await json('install', 'node-http-service')).toMatchObject({ packages: [{ name: 'editor-basics' }, { name: 'node-http-service' }] });
  expect(existsSync(join(project, 'souk_modules', 'node-http-service', 'template', 'package.json'))).toBe(true);
  expect(await json('list')).toMatchObject({ packages: [{ name: 'editor-basics', state: 'ok' }, { name: 'node-http-service', state: 'ok' }] });
  expect(await json('verify', programs.tarball)).toMatchObject({ ok: true, violations: [] });
  expect(await json('network', 'peers')).toEqual({ peers: [] });
  expect(await json('network', 'invite')).toMatchObject({ invite: expect.stringMatching(/^souk1_/) });
  expect(await json('key')).toMatchObject({ keys: [{ name: 'device' }, { name: 'next-root' }, { name: 'root' }] });
  expect((await run('config')).code).toBe(0);
  expect(await json('uninstall', 'node-http-service')).toMatchObject({ removed: ['editor-basics', 'node-http-service'] });
  expect(existsSync(join(project, 'souk_modules'))).toBe(false);
  expect((await run('--version')).stdout).toBe('0.1.0\n');
});

test('every command has help, and an unknown one is a usage error with a hint', async () => {
  const { stdout } = await run('--help');
  for (const command of 'up demo publish search info install uninstall list resolve verify tag yank deprecate undo network key config'.split(' ')) expect(stdout).toMatch(new RegExp(`^ +${command}\\b`, 'm'));
  expect((await run('instal')).code).toBe(2);
  expect(await run('install', '--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--frozen') });
});

test('what is said about versions is seen: tag, yank, deprecate, undo', async () => {
  await json('tag', 'editor-basics@1.0.0', 'stable');
  expect(await json('info', 'editor-basics')).toMatchObject({ tags: { stable: '1.0.0' } });
  await json('deprecate', 'node-cli-tool@1.0.0', '--reason', 'use another');
  expect(await json('info', 'node-cli-tool@1.0.0')).toMatchObject({ retracted: { how: 'deprecate', reason: 'use another' } });
  await json('yank', 'node-cli-tool@1.0.0', '--reason', 'broken');
  expect((await run('install', 'node-cli-tool', '--dir', 'other')).code).toBeGreaterThan(0);
  await json('undo', 'node-cli-tool@1.0.0');
  expect((await run('install', 'node-cli-tool', '--dir', 'other')).code).toBe(0);
});

test('souk up --join joins the network; without --json it names three next commands', async () => {
  const options = { cwd: project, env: { ...env, SOUK_P2P_HOST: '127.0.0.1' } };
  const second = new Child(souk, ['up', '--port', '0', '--p2p-port', '0', '--data', 'second-data', '--join', ready.invite], options);
  await second.firstLine();
  const ended = await second.end('SIGTERM');
  expect(ended.code).toBe(0);
  expect(ended.stdout.match(/^ {2}souk /gm)).toHaveLength(3);
});

test('asked to stop, souk up and its site end with exit code 0', async () => {
  expect(await up.end('SIGTERM')).toMatchObject({ code: 0 });
  await expect(fetch(new URL('/readyz', ready.url))).rejects.toThrow('fetch failed');
});
