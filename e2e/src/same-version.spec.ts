import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { gzipSync, gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { author } from '@souk/testing/builders';
import { packageOfFiles } from '@souk/testing/archives';
import { npmPack } from './packages/journey-goods.ts';
import { ownCid } from './packages/own-cid.ts';
import { factsOf, signRelease, wire } from './packages/signed-release.ts';
import { writeBytes, writePackage } from './packages/written-package.ts';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';

const world = new Scenario();
const site = world.site('a');
const ada = world.person('ada');
const bob = world.person('bob');
const manifest = { name: 'lamp', version: '1.0.0' };
const files = { 'index.js': 'export const light = "on";\n', 'old.txt': 'old', 'same.txt': 'same' };
const folder = world.folder('lamp');
const kept: Acknowledged[] = [];

beforeAll(async () => {
  ada.at(await site.start());
  bob.at(site);
  kept.push(await publishSmall(ada, folder, manifest, files));
});
afterEach(() => requireKept(site, kept));
afterAll(() => world.end());

const other = writePackage(world.folder('other-lamp'), manifest, { 'index.js': 'export const light = "off";\n', 'same.txt': 'same', 'new.txt': 'new' });

test('the same folder again is already published: exit code 0, the same cid', async () => {
  expect(await ada.souk('publish', folder)).toMatchObject({ code: 0, json: { status: 'already-published', ...kept[0] } });
  expect(await ada.text('publish', folder)).toMatchObject({ code: 0, stdout: expect.stringContaining('already published') });
});

test('the same tree in other bytes is already published too, under the cid that the version is bound to', async () => {
  const packed = await npmPack(folder, world.folder('packed'));
  const again = gzipSync(gunzipSync(readFileSync(packed)), { level: 1 });
  expect(ownCid(again)).not.toBe(kept[0]?.cid);
  expect(await ada.souk('publish', writeBytes(join(world.folder('packed'), 'again.tgz'), again))).toMatchObject({ code: 0, json: { status: 'already-published', ...kept[0] } });
});

test('other files under a published version are refused with the files that differ; nothing changes', async () => {
  const said = await ada.souk('publish', other);
  expect(said).toMatchObject({ code: 5, json: { code: 'VERSION_EXISTS', hint: expect.any(String), details: { name: 'lamp', version: '1.0.0', files: { added: ['new.txt'], removed: ['old.txt'], changed: ['index.js'] } } } });
  const text = await ada.text('publish', other);
  expect(text).toMatchObject({ code: 5, stdout: '' });
  expect(text.stderr).toMatch(/new\.txt[\s\S]*old\.txt[\s\S]*index\.js/);
});

test('so it is for a client that asks nothing first: 409 with the files that differ, and the version stays bound', async () => {
  const eve = author('eve');
  const [first, second] = ['on', 'off'].map((light) => packageOfFiles({ 'package.json': '{"name":"torch","version":"1.0.0"}', 'light.txt': light }));
  if (!first || !second) throw new Error('no archives');
  for (const bytes of [first, second]) expect(await site.put(`/v1/blobs/${ownCid(bytes)}`, bytes)).toMatchObject({ status: 201 });
  signRelease(eve, await factsOf(first));
  expect(await site.post('/v1/records', wire(eve))).toMatchObject({ status: 201 });
  expect(await site.post('/v1/records', wire(eve))).toMatchObject({ status: 200, body: { added: 0 } });
  kept.push({ name: 'torch', version: '1.0.0', cid: ownCid(first) });
  signRelease(eve, await factsOf(second));
  expect(await site.post('/v1/records', wire(eve))).toMatchObject({
    status: 409,
    body: { code: 'VERSION_EXISTS', details: { cid: ownCid(first), sameTree: false, files: { added: [], removed: [], changed: ['light.txt'] } } },
  });
});

test("somebody else's name is refused, whoever signs properly for it", async () => {
  expect(await bob.souk('publish', writePackage(world.folder('bobs-lamp'), { ...manifest, version: '2.0.0' }))).toMatchObject({ code: 4, json: { code: 'NAME_TAKEN', hint: expect.stringContaining('@you/lamp'), details: { name: 'lamp' } } });
  const bytes = packageOfFiles({ 'package.json': '{"name":"lamp","version":"3.0.0"}' });
  await site.put(`/v1/blobs/${ownCid(bytes)}`, bytes);
  const mallory = author('mallory');
  signRelease(mallory, await factsOf(bytes));
  expect(await site.post('/v1/records', wire(mallory))).toMatchObject({ status: 403, body: { code: 'NAME_TAKEN', details: { name: 'lamp' } } });
});

test('after a refusal the next version is published as if nothing had been', async () => {
  kept.push(await publishSmall(ada, other, { ...manifest, version: '1.0.1' }));
  const dave = world.person('dave').at(site);
  expect(await dave.souk('install', 'lamp@1.0.0')).toMatchObject({ code: 0 });
  expect(readFileSync(join(dave.project, 'souk_modules', 'lamp', 'index.js'), 'utf8')).toBe(files['index.js']);
});

test('all of it is still there after kill -9 and a restart', async () => {
  await site.kill();
  await site.start();
  await requireKept(site, kept);
});
