import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openDataFolder } from '@souk/store';
import { author } from '@souk/testing';
import { TestSite } from '../testing/test-site.ts';

/** A site of two whose primary lost its disk, and got back so many records before it died once more. */
async function halfFilled(records: number): Promise<{ readonly site: TestSite; readonly before: unknown }> {
  const site = await TestSite.start({ peers: 2 });
  const ada = author('ada');
  for (const note of [1, 2, 3]) ada.device.writeBytes('note', Uint8Array.of(0x81, note));
  await site.peer(0).runtime.data.logs.append(ada.root.records);
  await site.peer(0).runtime.data.logs.append(ada.device.records);
  await site.peer(0).append(...ada.root.records);
  const { logs } = site.peer(0).runtime.data;
  const [before, slice] = [await logs.since(0, 10), await logs.slice({ arrival: 0, hash: undefined, writers: 0, forks: 0 }, records)];
  await site.stop(0);
  await site.empty(0);
  const folder = await openDataFolder(site.folder(0));
  await folder.keys.create('network', new Uint8Array(32).fill(0x55));
  await folder.logs.takeOver(slice);
  await folder.close();
  return { site, before };
}

test('a primary that died while it took back what siblings hold goes on with that, and orders nothing before', async () => {
  const { site, before } = await halfFilled(3);
  await using _ = site;
  await site.stop(1);
  const primary = await site.run(0, { ready: false });
  await expect(primary.append(...author('bob').root.records)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await site.run(1);
  await primary.ready();
  expect(await primary.runtime.data.logs.since(0, 10)).toEqual(before);
  expect(await primary.append(...author('bob').root.records)).toMatchObject({ added: 2 });
});

test('a note that all is here does not count beside fewer records than it speaks of', async () => {
  const { site, before } = await halfFilled(2);
  await using _ = site;
  await writeFile(join(site.folder(0), 'settled.json'), '{"arrival":6}');
  const primary = await site.run(0);
  expect(await primary.runtime.data.logs.since(0, 10)).toEqual(before);
});

test('the control: with the note of a folder that is whole the primary would have begun to order at once', async () => {
  const { site } = await halfFilled(2);
  await using _ = site;
  await writeFile(join(site.folder(0), 'settled.json'), '{"arrival":2}');
  await site.stop(1);
  const primary = await site.run(0);
  expect((await primary.runtime.data.logs.size()).arrival).toBe(2);
  expect(primary.unmet).toEqual([]);
});
