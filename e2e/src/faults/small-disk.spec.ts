import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { seededRandom } from '@souk/testing/trouble';
import { Scenario } from '../scenario/scenario.ts';
import { SmallDisk } from '../scenario/small-disk.ts';
import { damageOf } from './load/damage.ts';
import { lossesOf } from './load/losses.ts';
import { Publisher, Refused } from './load/publisher.ts';
import { runOptions } from './run-options.ts';

jest.setTimeout(300_000);

// A real disk of few bytes, not the interposer's word for one.
const world = new Scenario();
const folder = world.folder('disk');
const disk = await SmallDisk.mount(folder, 24, world.environment);
if (!disk) process.stderr.write('skipped: neither root nor a user namespace may mount a small disk here\n');
const onSmallDisk = disk ? describe : describe.skip;
const site = world.site('small', join(folder, 'data')).inside(disk?.enter ?? []);
const publishers = [1, 4].map((together, at) => new Publisher(`small-${at}`, { together, bytes: 100_000 }, seededRandom(runOptions.seed + at)));

beforeAll(async () => {
  if (!disk) return;
  world.onEnd(() => disk.unmount());
  await site.start();
});
afterAll(() => world.end());

/** Publishes until the site refuses, and answers by which code. */
async function refusal(publisher: Publisher): Promise<string> {
  try {
    await publisher.publishOn(site, 1000);
    return 'never refused';
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

async function requireAll(): Promise<void> {
  for (const one of publishers) expect(await lossesOf(site, one, one.acknowledged.length, Math.random)).toEqual({ lost: [], doubled: [] });
}

onSmallDisk('a site on a small disk', () => {
  test('people publish until the disk is full: each is told so, reads go on, nothing is lost; with room again publishing goes on without a restart', async () => {
    expect(await Promise.all(publishers.map((one) => refusal(one)))).toEqual(['STORAGE_FULL', 'STORAGE_FULL']);
    await disk?.fill();
    for (const one of publishers) expect(await refusal(one)).toBe('STORAGE_FULL');
    await requireAll();
    expect((await site.get('/v1/search?q=small-0')).status).toBe(200);
    expect((await site.get('/readyz')).status).toBe(200);
    await disk?.clear();
    await disk?.grow(64);
    for (const one of publishers) {
      await one.publishOn(site, 2);
      await one.publishAgain(site);
    }
    await requireAll();
    expect(await damageOf(site)).toEqual([]);
  });

  test('a disk that is mounted read-only: a start is refused by name, and once it may be written everything is there', async () => {
    await site.kill();
    await disk?.readOnly();
    expect(await site.refusal()).toMatchObject({ error: { code: 'STORAGE_DENIED', hint: expect.any(String) } });
    await disk?.writable();
    await site.start();
    for (const one of publishers) await one.publishAgain(site);
    await requireAll();
    expect(await damageOf(site)).toEqual([]);
  });
});
