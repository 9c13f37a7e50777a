import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { publishSmall, requireKept, type Acknowledged } from './scenario/kept.ts';
import { Scenario } from './scenario/scenario.ts';
import { SmallDisk } from './scenario/small-disk.ts';
import { writePackage } from './packages/written-package.ts';

const megabytes = 24;
const world = new Scenario();
const folder = world.folder('disk');
const disk = await SmallDisk.mount(folder, megabytes, world.environment);
if (!disk) console.log('Neither root nor a user namespace may mount a small disk here: the journeys over a disk with little room are skipped.');
const onSmallDisk = disk ? describe : describe.skip;

const site = world.site('a', join(folder, 'data')).inside(disk?.enter ?? []);
const ada = world.person('ada');
const kept: Acknowledged[] = [];

interface Storage {
  readonly pinned: { readonly blobs: number };
  readonly disk: { readonly free: number; readonly total: number; readonly minFree: number };
}
const storage = async (): Promise<Storage> => (await site.get('/v1/storage')).body as Storage;

beforeAll(async () => {
  if (!disk) return;
  world.onEnd(() => disk.unmount());
  ada.at(await site.start());
  for (const name of ['one', 'two']) kept.push(await publishSmall(ada, world.folder(name), { name }));
});
afterAll(() => world.end());

onSmallDisk('a site whose disk has less than 5 % left', () => {
  test('writes are STORAGE_FULL although there are bytes left, and reads go on', async () => {
    const { disk: room } = await storage();
    expect(room.minFree).toBe(Math.ceil(room.total * 0.05));
    await disk?.take(room.free - room.minFree / 2);
    const { disk: low } = await storage();
    expect(low.free).toBeGreaterThan(0);
    expect(low.free).toBeLessThan(low.minFree);
    const late = writePackage(world.folder('late'), { name: 'late', version: '1.0.0' });
    expect(await ada.souk('publish', late)).toMatchObject({ code: 7, json: { code: 'STORAGE_FULL', hint: expect.stringContaining('SOUK_STORAGE_MIN_FREE'), details: { why: 'disk' } } });
    expect(await ada.souk('tag', 'one@1.0.0', 'next')).toMatchObject({ code: 7, json: { code: 'STORAGE_FULL' } });
    await requireKept(site, kept);
    expect(await world.person('bob').at(site).souk('install', 'one')).toMatchObject({ code: 0 });
    expect(await site.get('/readyz')).toMatchObject({ status: 200 });
    expect(await ada.souk('doctor')).toMatchObject({ code: 7, json: { findings: expect.arrayContaining([expect.objectContaining({ check: 'disk', level: 'problem' })]) } });
  });

  test('what takes something back goes through all the same, and room that comes back is noticed without a restart', async () => {
    expect(await world.person('cleo').at(site).souk('install', 'two')).toMatchObject({ code: 0 });
    await disk?.clear();
    await ada.does('publish', join(world.path, 'late'));
    const { disk: room } = await storage();
    await disk?.take(room.free - room.minFree / 2);
    expect(await ada.souk('yank', 'late@1.0.0', '--reason', 'broken')).toMatchObject({ code: 0 });
    await disk?.clear();
    expect(await ada.souk('tag', 'one@1.0.0', 'next')).toMatchObject({ code: 0 });
    expect((await storage()).pinned.blobs).toBe(3);
    await requireKept(site, kept);
  });
});
