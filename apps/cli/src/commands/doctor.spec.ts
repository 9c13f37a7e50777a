import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { peerIdOf, seedFrom, signerOf, SoukError, toErrorBody } from '@souk/domain';
import { openDataFolder } from '@souk/store';
import { author } from '@souk/testing/builders';
import { Workbench, type Ran } from '../../fixtures/workbench.ts';

let bench: Workbench;
let folder: string;
beforeEach(async () => {
  bench = await Workbench.open();
  folder = join(bench.folder, 'data');
});
afterEach(() => bench.close());

const nowhere = { env: { SOUK_SITE: 'http://127.0.0.1:1', SOUK_PORT: '0' } };
const doctor = (words: string[] = [], change: Parameters<Workbench['souk']>[1] = {}): Promise<Ran> => bench.souk(['doctor', ...words, '--json'], change);

async function dataFolder(): Promise<void> {
  const data = await openDataFolder(folder);
  await data.logs.append(author('ada').records);
  await data.keys.create('peer', seedFrom('peer'));
  await data.close();
}

test('souk doctor: a running site is asked for all that it can tell', async () => {
  const { code, json } = await doctor();
  expect(json).toEqual({
    ok: true,
    checked: [{ check: 'node', done: 1 }, { check: 'site', done: 1 }, { check: 'network', done: 1 }, { check: 'disk', done: 1 }, { check: 'records', done: 0 }],
    findings: [expect.objectContaining({ check: 'network', level: 'note' })],
  });
  expect(code).toBe(0);
  expect(bench.site.bodies.at(-1)).toEqual({ route: 'postCheck', body: { fix: false, blobs: true } });
});

test('souk doctor: what a site tells of its room and its contents is shown; fix and quick are passed on', async () => {
  bench.site.twists.getStorage = (answer: object) => ({ ...answer, disk: { free: 1, total: 100, minFree: 5 } });
  bench.site.twists.postCheck = () => [
    { type: 'finding', finding: { check: 'blobs', level: 'problem', what: 'The blob is damaged.', why: 'Its bytes differ.', todo: 'Look at it.' } },
    { type: 'finding', finding: { check: 'orphans', level: 'note', what: 'One is left over.', fixed: true } },
    { type: 'done' },
  ];
  const { code, json } = await doctor(['--fix', '--quick']);
  expect([code, json.ok]).toEqual([7, false]);
  expect(json.findings.filter((one: { level: string }) => one.level === 'problem').map((one: { check: string }) => one.check)).toEqual(['disk', 'blobs']);
  expect(bench.site.bodies.at(-1)?.body).toEqual({ fix: true, blobs: false });
  const { stdout } = await bench.souk(['doctor']);
  expect(stdout).toMatch(/^CHECK +STATE/);
  expect(stdout).toContain('problem  blobs: The blob is damaged.\n  why: Its bytes differ.\n  do: Look at it.\n');
  expect(stdout).toMatch(/2 problems to look at; 1 put right\.\n$/);
});

test('souk doctor: a site that is not ready says why', async () => {
  bench.site.unmet = [{ name: 'first sync' }];
  expect(await doctor()).toMatchObject({ code: 7, json: { findings: [{ check: 'site', level: 'problem', why: 'first sync' }, { check: 'network' }] } });
});

test('souk doctor: a failure in the middle of a check is an error of the site', async () => {
  bench.site.twists.postCheck = () => [{ type: 'error', ...toErrorBody(new SoukError('STORAGE_CORRUPT', 'Broken.')) }];
  expect(await doctor()).toMatchObject({ code: 7, json: { code: 'STORAGE_CORRUPT' } });
});

test('souk doctor --data: the folder of a stopped site is examined, and its ports', async () => {
  await dataFolder();
  const { code, json } = await doctor(['--data', folder], nowhere);
  expect([code, json.ok, json.findings]).toEqual([0, true, []]);
  expect(json.checked).toContainEqual({ check: 'records', done: 3 });
  expect(json.checked).toContainEqual({ check: 'ports', done: 1 });
  chmodSync(folder, 0o755);
  expect(await doctor(['--data', folder], nowhere)).toMatchObject({ code: 7, json: { ok: false, findings: [{ check: 'permissions', level: 'problem' }] } });
  expect(await doctor(['--data', folder, '--fix'], nowhere)).toMatchObject({ code: 0, json: { ok: true, findings: [{ check: 'permissions', fixed: true }] } });
});

test('souk doctor --data: ports that somebody else has', async () => {
  await dataFolder();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = String((server.address() as { port: number }).port);
  writeFileSync(join(folder, 'network.json'), JSON.stringify({ addresses: [], port: Number(port) }));
  const { code, json } = await doctor(['--data', folder], { env: { ...nowhere.env, SOUK_PORT: port } });
  expect([code, json.findings.map((one: { check: string; level: string }) => `${one.check} ${one.level}`)]).toEqual([7, ['ports problem', 'ports note']]);
  await new Promise((resolve) => server.close(resolve));
});

test('souk doctor --data: a folder that a site uses is looked at as far as that goes, and the site is asked', async () => {
  await dataFolder();
  const data = await openDataFolder(folder);
  expect((await doctor(['--data', folder])).json.findings).toContainEqual(expect.objectContaining({ check: 'site', level: 'note', what: expect.stringContaining('does not answer') }));
  bench.site.twists.getNetwork = (answer: object) => ({ ...answer, peerId: peerIdOf(signerOf(seedFrom('peer')).publicKey) });
  const { code, json } = await doctor(['--data', folder]);
  expect(code).toBe(0);
  expect(json.findings).toContainEqual(expect.objectContaining({ check: 'folder', level: 'note', what: expect.stringContaining(String(process.pid)) }));
  expect(json.checked).toContainEqual({ check: 'records', done: 0 });
  await data.close();
});

test('souk doctor: without a site and a folder there is little to say; a folder that was named must be there', async () => {
  expect(await doctor([], nowhere)).toMatchObject({ code: 0, json: { ok: true, findings: [{ check: 'folder', level: 'note' }] } });
  expect(await doctor(['--data', folder], nowhere)).toMatchObject({ code: 7, json: { findings: [{ check: 'folder', level: 'problem' }] } });
  mkdirSync(folder);
  writeFileSync(join(folder, 'thesis.txt'), 'precious');
  expect(await doctor(['--data', folder, '--fix'], nowhere)).toMatchObject({ code: 7, json: { findings: [{ check: 'folder', level: 'problem', what: expect.stringContaining('no data folder') }] } });
  expect(readdirSync(folder)).toEqual(['thesis.txt']);
});

test('souk doctor: keys and logs of the user', async () => {
  await bench.publish({ name: 'mine', version: '1.0.0' }, {}, bench.home);
  const { json } = await doctor();
  expect(json.checked).toContainEqual({ check: 'home', done: 4 });
  chmodSync(join(bench.home, 'keys', 'root'), 0o640);
  expect((await doctor()).json.findings).toContainEqual(expect.objectContaining({ check: 'home', level: 'problem', what: expect.stringContaining('mode 640') }));
  await doctor(['--fix']);
  const [log] = Object.keys(bench.tree(join(bench.home, 'logs')));
  const path = join(bench.home, 'logs', log ?? '');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"signature":"....../, '"signature":"AAAAAA'));
  expect(await doctor()).toMatchObject({ code: 7, json: { ok: false } });
  expect((await doctor()).json.findings).toContainEqual(expect.objectContaining({ check: 'home', what: expect.stringContaining('Line 1 of your log') }));
  rmSync(path);
});

test('souk doctor: a Node that is too old is a problem, and what it cannot open is left alone', async () => {
  await dataFolder();
  const { code, json } = await doctor(['--data', folder], { ...nowhere, nodeVersion: '20.16.0' });
  expect([code, json.findings]).toEqual([7, [expect.objectContaining({ check: 'node', what: expect.stringContaining('20.16.0') })]]);
});
