import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { readBackup } from '@souk/archive';
import type { Cid } from '@souk/domain';
import { openDataFolder, restoreFolder } from '@souk/store';
import { author, packed } from '@souk/testing';
import { inFolder } from '@souk/testing/conformance';
import { TestSite } from '../testing/test-site.ts';

test("a backup of the primary is one of the whole site: it has the blobs that lie on other peers' disks", async () => {
  await using site = await TestSite.start({ peers: 3 });
  const ada = author('ada');
  const cids: Cid[] = [];
  for (let minor = 0; minor < 6; minor += 1) {
    const one = await packed('lamp', `1.${minor}.0`);
    ada.device.write('release', one.body);
    await site.publish(one, ada.records);
    cids.push(one.cid);
  }
  const { retention, data } = site.peer(0).runtime;
  await retention.namesTaken();
  const elsewhere = (await retention.ledger.elsewhere(undefined, 10)).map(({ cid }) => cid);
  expect(elsewhere.length).toBeGreaterThan(0);
  for (const cid of elsewhere) {
    for (const ordinal of [1, 2]) await site.peer(ordinal).runtime.site.siblings.bring(cid);
    await data.blobs.delete(cid);
    await retention.ledger.remove(cid);
  }
  const { blobs } = await site.peer(0).self();
  const response = await fetch(`${blobs.url}/backup?cached=no`, { headers: { authorization: 'Bearer secret-of-this-site' } });
  await inFolder(async (folder) => {
    const restored = await restoreFolder(join(folder, 'restored'), readBackup(Readable.fromWeb(response.body as never)));
    expect(restored.findings).toEqual([]);
    const copy = await openDataFolder(join(folder, 'restored'));
    for (const cid of cids) expect(await copy.blobs.size(cid)).toBeGreaterThan(0);
    await copy.close();
  });
});
