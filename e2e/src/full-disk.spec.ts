import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { packageOfFiles } from '@souk/testing/archives';
import { ownCid } from './packages/own-cid.ts';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';
import { SmallDisk } from './scenario/small-disk.ts';
import { writePackage } from './packages/written-package.ts';

const world = new Scenario();
const folder = world.folder('disk');
const disk = await SmallDisk.mount(folder, 12, world.environment);
if (!disk) console.log('Neither root nor a user namespace may mount a small disk here: the journeys over a full disk are skipped.');
const onSmallDisk = disk ? describe : describe.skip;

const site = world.site('a', join(folder, 'data')).inside(disk?.enter ?? []);
const ada = world.person('ada');
const kept: Acknowledged[] = [];
const noise = { 'noise.txt': 'x'.repeat(200_000) };

beforeAll(async () => {
  if (!disk) return;
  world.onEnd(() => disk.unmount());
  ada.at(await site.start());
  for (const name of ['kept', 'lib']) kept.push(await publishSmall(ada, world.folder(name), { name }, noise));
});
afterAll(() => world.end());

onSmallDisk('a site', () => {
  test('a publish to a site whose disk is full: exit code 7 and 507; reads go on, nothing acknowledged is lost', async () => {
    await disk?.fill();
    const late = writePackage(world.folder('late'), { name: 'late', version: '1.0.0' }, noise);
    expect(await ada.souk('publish', late)).toMatchObject({ code: 7, json: { code: 'STORAGE_FULL', message: expect.any(String), hint: expect.any(String) } });
    const bytes = packageOfFiles({ 'package.json': '{"name":"raw","version":"1.0.0"}', ...noise });
    expect(await site.put(`/v1/blobs/${ownCid(bytes)}`, bytes)).toMatchObject({ status: 507, body: { code: 'STORAGE_FULL' } });
    await requireKept(site, kept);
    expect(await world.person('bob').at(site).souk('install', 'kept')).toMatchObject({ code: 0 });
    expect(await site.get('/v1/search?q=lib')).toMatchObject({ status: 200, body: { total: 1 } });
    expect(await site.get('/v1/packages/late')).toMatchObject({ status: 404 });
  });

  test('once there is room the same publish goes through, and all is there after kill -9', async () => {
    await disk?.clear();
    kept.push((await ada.does('publish', join(world.path, 'late'))) as Acknowledged);
    await requireKept(site, kept);
    await disk?.fill();
    await site.kill();
    const refused = await site.start().then(() => undefined, (error: unknown) => String(error));
    // A site may need a few bytes to start; then it says so, and starts when it gets them.
    if (refused !== undefined) {
      expect(refused).toMatch(/did not start \(7\)[\s\S]*STORAGE_FULL/);
      await disk?.clear();
      await site.start();
    }
    await disk?.clear();
    await requireKept(site, kept);
  });

  test('a new site on a full disk says so: exit code 7', async () => {
    await disk?.fill();
    const second = world.site('b', join(folder, 'second')).inside(disk?.enter ?? []);
    expect(await second.refusal()).toMatchObject({ code: 7, error: { code: 'STORAGE_FULL', hint: expect.any(String) } });
    await disk?.clear();
  });
});

onSmallDisk('a project', () => {
  test('an install into a project on a full disk: exit code 7, the project as it was; then it works', async () => {
    const cleo = world.person('cleo').at(site).inside(disk?.enter ?? []);
    const project = join(folder, 'project');
    expect(await cleo.souk('install', 'lib', '--dir', project)).toMatchObject({ code: 0 });
    await disk?.fill();
    expect(await cleo.souk('install', 'kept', 'late', '--dir', project)).toMatchObject({ code: 7, json: { code: 'STORAGE_FULL', hint: expect.any(String) } });
    await disk?.clear();
    expect(await cleo.souk('list', '--dir', project)).toMatchObject({ code: 0, json: { packages: [{ name: 'lib', state: 'ok' }] } });
    expect(await cleo.souk('install', 'kept', '--dir', project)).toMatchObject({ code: 0, json: { packages: [{ name: 'kept', change: 'added' }, { name: 'lib', change: 'unchanged' }] } });
  });
});
