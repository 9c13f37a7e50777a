import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { namedBlob, networkIdOf, peerIdOf, seedFrom, signerOf, type Cid } from '@souk/domain';
import { openDataFolder } from '@souk/store';
import { author } from '@souk/testing/builders';
import { Workbench } from '../../fixtures/workbench.ts';

let bench: Workbench;
let folder: string;
let restored: string;
const offline = { env: { SOUK_SITE: 'http://127.0.0.1:1' } };
beforeEach(async () => {
  bench = await Workbench.open();
  folder = join(bench.folder, 'data');
  restored = join(bench.folder, 'restored');
});
afterEach(() => bench.close());

/** The small site says that it is the one of the data folder. */
const asOwnPeer = (answer: object) => ({ ...answer, peerId: peerIdOf(signerOf(seedFrom('peer')).publicKey) });

const file = (): string => join(bench.project, 'site.backup');

async function dataFolder(key = true): Promise<void> {
  const data = await openDataFolder(folder);
  const ada = author('ada');
  const release = ada.releases('mine', '1.0.0');
  await data.logs.addWriters([ada.device.key]);
  await data.logs.append(ada.records);
  const draft = await data.blobs.draft({ maxBytes: 100 });
  await draft.write(new TextEncoder().encode('mine@1.0.0'));
  await draft.commit(namedBlob(release)?.cid as Cid);
  await data.keys.create('peer', seedFrom('peer'));
  if (key) await data.keys.create('network', seedFrom('network'));
  await data.close();
}

test('souk backup: a running site, without keys, readable by its owner only, verified, never over a file', async () => {
  const { json: published } = await bench.publish({ name: 'mine', version: '1.0.0' });
  const { code, json } = await bench.souk(['backup', 'site.backup', '--json']);
  expect(code).toBe(0);
  expect(json).toEqual({ file: file(), bytes: statSync(file()).size, files: 2, blobs: 1, createdAt: 1_767_225_600_000, network: 'open', cached: true, keys: false });
  expect((statSync(file()).mode & 0o777).toString(8)).toBe('600');
  expect(readFileSync(file()).includes(published.cid)).toBe(true);
  expect(readdirSync(bench.project)).toEqual(['site.backup']);
  expect(await bench.souk(['backup', 'site.backup', '--json'])).toMatchObject({ code: 7, json: { code: 'STORAGE_DENIED' } });
  expect(await bench.souk(['backup', 'nowhere/site.backup', '--json'])).toMatchObject({ code: 3, json: { code: 'NOT_FOUND' } });
});

test('souk backup: a site that sends something else, cuts it off or damages it leaves no file', async () => {
  await bench.publish({ name: 'mine', version: '1.0.0' });
  const lies: ((honest: Uint8Array) => Uint8Array)[] = [
    () => new TextEncoder().encode('hello'),
    (honest) => honest.slice(0, -2000),
    (honest) => honest.map((byte, at) => (at === 1600 ? byte ^ 1 : byte)),
  ];
  for (const lie of lies) {
    bench.site.twists.getBackup = lie;
    expect(await bench.souk(['backup', 'site.backup', '--json'])).toMatchObject({ code: 7, json: { code: 'STORAGE_CORRUPT' } });
    expect(readdirSync(bench.project)).toEqual([]);
  }
});

test('souk backup --data and souk restore: a stopped site, with its keys', async () => {
  await dataFolder();
  const { code, json } = await bench.souk(['backup', 'site.backup', '--data', folder, '--with-keys', '--json'], offline);
  expect([code, json.keys, json.network]).toEqual([0, true, networkIdOf(seedFrom('network'))]);
  expect(readFileSync(file()).includes(Buffer.from(seedFrom('peer')))).toBe(true);
  const answer = await bench.souk(['restore', 'site.backup', '--data', restored, '--json'], offline);
  expect(answer).toMatchObject({ code: 0, json: { data: restored, records: 4, keys: true, aside: [] } });
  const data = await openDataFolder(restored);
  expect(await data.keys.get('network')).toEqual(seedFrom('network'));
  expect(await data.logs.size()).toMatchObject({ records: 4 });
  await data.close();
  expect(await bench.souk(['restore', 'site.backup', '--data', restored, '--json'], offline)).toMatchObject({ code: 7, json: { code: 'STORAGE_DENIED' } });
});

test('souk restore: says what to do next, and why nothing is forked', async () => {
  await dataFolder();
  await bench.souk(['backup', 'site.backup', '--data', folder], offline);
  const { code, stdout } = await bench.souk(['restore', 'site.backup', '--data', restored], offline);
  expect(code).toBe(0);
  expect(stdout).toContain(`the first start needs an invite of its network: souk up --data ${restored} --join INVITE`);
  expect(stdout).toContain('authors sign on top of their own logs, never on top of this folder');
  expect(existsSync(join(restored, 'keys', 'peer'))).toBe(false);
});

test('souk backup --with-keys: keys come from this machine, and must be those of the site', async () => {
  await dataFolder();
  expect(await bench.souk(['backup', 'site.backup', '--with-keys', '--json'])).toMatchObject({ code: 3, json: { code: 'NOT_FOUND' } });
  const env = { SOUK_DATA: folder };
  expect(await bench.souk(['backup', 'site.backup', '--with-keys', '--json'], { env })).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST', message: expect.stringContaining('not those of the site') } });
  bench.site.twists.getNetwork = asOwnPeer;
  expect(await bench.souk(['backup', 'site.backup', '--with-keys', '--json'], { env })).toMatchObject({ code: 0, json: { keys: true, files: 3 } });
});

test('souk backup --data: a folder that a site uses is backed up through the site; one of something else is refused', async () => {
  await dataFolder();
  const data = await openDataFolder(folder);
  expect(await bench.souk(['backup', 'site.backup', '--data', folder, '--json'])).toMatchObject({ code: 2, json: { code: 'BAD_REQUEST' } });
  bench.site.twists.getNetwork = asOwnPeer;
  const { code, stderr } = await bench.souk(['backup', 'site.backup', '--data', folder, '--json']);
  expect([code, stderr]).toEqual([0, expect.stringContaining('The site runs')]);
  await data.close();
  expect(await bench.souk(['backup', 'other.backup', '--data', bench.project, '--json'])).toMatchObject({ code: 3, json: { code: 'NOT_FOUND' } });
  expect(readdirSync(bench.project)).toEqual(['site.backup']);
});

test('souk restore: no file, a damaged one, one of a newer Souk: nothing is restored', async () => {
  await dataFolder();
  await bench.souk(['backup', 'site.backup', '--data', folder], offline);
  expect(await bench.souk(['restore', 'gone', '--data', restored, '--json'], offline)).toMatchObject({ code: 3, json: { code: 'NOT_FOUND' } });
  const good = readFileSync(file());
  const damaged = Buffer.from(good);
  const at = good.indexOf('SQLite format 3') + 5000;
  damaged[at] = (damaged[at] as number) ^ 1;
  writeFileSync(file(), damaged);
  expect(await bench.souk(['restore', 'site.backup', '--data', restored, '--json'], offline)).toMatchObject({ code: 7, json: { code: 'STORAGE_CORRUPT' } });
  expect(readdirSync(restored)).toEqual([]);
  const { code, json } = await bench.souk(['restore', 'site.backup', '--data', restored, '--json'], { ...offline, nodeVersion: '20.16.0' });
  expect([code, json.code]).toEqual([7, 'RUNTIME_TOO_OLD']);
});
