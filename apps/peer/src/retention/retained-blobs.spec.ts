import { expect, test } from '@jest/globals';
import { MemoryBlobStore, type Cid } from '@souk/domain';
import { openBlobLedger, openBlobStore } from '@souk/store';
import { blobStoreConformance, bytesOf, cidOf, gather, temporaryFolder } from '@souk/testing/conformance';
import { RetentionScene } from '../testing/retention-scene.ts';

blobStoreConformance('RetainedBlobs in memory', async () => {
  const { blobs } = new RetentionScene({ blobs: new MemoryBlobStore() });
  return { store: blobs, cleanup: () => blobs.close() };
});
blobStoreConformance('RetainedBlobs on disk', async () => {
  const folder = await temporaryFolder();
  const ledger = await openBlobLedger(folder.path);
  const { blobs } = new RetentionScene({ blobs: await openBlobStore(folder.path), ledger });
  return {
    store: blobs,
    cleanup: async () => {
      await blobs.close();
      await ledger.close();
      await folder.remove();
    },
  };
});

const blob = (seed: number, length = 1000): [Cid, Uint8Array] => [cidOf(bytesOf(length, seed)), bytesOf(length, seed)];

test('what is kept is counted, and reading counts as a use', async () => {
  const scene = new RetentionScene();
  const cid = await scene.put(...blob(1), 'known');
  expect(scene.ledger.usage().cached).toEqual({ blobs: 1, bytes: 1000 });
  scene.now = 5000;
  await gather(await scene.blobs.read(cid));
  expect(await scene.ledger.get(cid)).toMatchObject({ since: 1001, used: 5000 });
  await scene.blobs.delete(cid);
  expect(scene.ledger.usage().cached).toEqual({ blobs: 0, bytes: 0 });
});

test('a blob that would not fit makes room: the least recently used cached ones go, and no more than must', async () => {
  const scene = new RetentionScene({ maxBytes: 4500 });
  const [a, b, c, d] = [await scene.put(...blob(1), 'known'), await scene.put(...blob(2), 'known'), await scene.put(...blob(3), 'known'), await scene.put(...blob(4), 'known')];
  await gather(await scene.blobs.read(a));
  scene.now = 2000;
  await gather(await scene.blobs.read(b));
  const e = await scene.put(...blob(5), 'known');
  expect(await scene.here()).toEqual([a, b, d, e].sort());
  expect(scene.happened).toEqual([`withdraw ${c}`, `delete ${c}`]);
});

test('what is pinned or unnamed is never evicted: then a write is STORAGE_FULL, its draft frees its room, and reads go on', async () => {
  const scene = new RetentionScene({ maxBytes: 3500 });
  const [pinned, kept, unnamed] = [await scene.put(...blob(1), 'published'), await scene.put(...blob(2), 'policy'), await scene.put(...blob(3))];
  await expect(scene.put(...blob(4), 'known')).rejects.toMatchObject({ code: 'STORAGE_FULL', details: { why: 'limit' } });
  expect(await scene.here()).toEqual([pinned, kept, unnamed].sort());
  expect(await gather(await scene.blobs.read(pinned))).toEqual(blob(1)[1]);
  expect(scene.room.room.taken).toBe(3000);
  await scene.put(...blob(5, 500), 'known');
  expect(scene.happened).toEqual([]);
});

test('a cache that is too small to help stays as it is', async () => {
  const scene = new RetentionScene({ maxBytes: 3500 });
  const [pinned, cached] = [await scene.put(...blob(1, 2000), 'published'), await scene.put(...blob(2), 'known')];
  await expect(scene.room.require(2000)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  expect(await scene.here()).toEqual([pinned, cached].sort());
  await scene.room.require(1500);
  expect(await scene.here()).toEqual([pinned]);
});

test('above the high-water mark cached blobs go down to the low one, without anybody waiting for it', async () => {
  const scene = new RetentionScene({ maxBytes: 10_000, highWater: 0.7, lowWater: 0.3 });
  const cids = [];
  for (let seed = 1; seed <= 7; seed += 1) cids.push(await scene.put(...blob(seed), 'known'));
  expect(scene.happened).toEqual([]);
  cids.push(await scene.put(...blob(8), 'known'));
  expect(await scene.here()).toEqual(cids.slice(5).sort());
  expect(scene.dropped).toEqual(Array(5).fill('cached'));
});

test('below the least free share of the disk writes are STORAGE_FULL and reads go on, until there is room again', async () => {
  const scene = new RetentionScene({ minFree: 0.1, disk: { free: 52_000, total: 500_000 } });
  const cid = await scene.put(...blob(1), 'published');
  const draft = await scene.blobs.draft({ maxBytes: 10_000 });
  await draft.write(bytesOf(1000));
  scene.disk = { free: 50_000, total: 500_000 };
  await expect(draft.write(bytesOf(1000))).rejects.toMatchObject({ code: 'STORAGE_FULL', details: { why: 'disk' } });
  await expect(draft.commit(cidOf(bytesOf(1000)))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await gather(await scene.blobs.read(cid))).toEqual(blob(1)[1]);
  scene.disk = { free: 40_000, total: 500_000 };
  await scene.room.look();
  await expect(scene.blobs.draft({ maxBytes: 10 })).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  await expect(scene.room.requireDisk()).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  scene.disk = { free: 60_000, total: 500_000 };
  await scene.put(...blob(2), 'published');
});

test('for the sake of the disk cached blobs go where that is enough', async () => {
  const scene = new RetentionScene({ minFree: 0.1, disk: { free: 100_000, total: 500_000 } });
  const [cached, pinned] = [await scene.put(...blob(1, 30_000), 'known'), await scene.put(...blob(2, 10_000), 'published')];
  scene.disk = { free: 45_000, total: 500_000 };
  await scene.room.look();
  const next = await scene.put(...blob(3), 'known');
  expect(await scene.here()).toEqual([pinned, next].sort());
  expect(scene.happened).toEqual([`withdraw ${cached}`, `delete ${cached}`]);
});

test('a ledger that cannot be written does not fail a write; it is told of, so that it is levelled', async () => {
  const scene = new RetentionScene();
  const failure = new Error('full');
  scene.ledger.put = () => Promise.reject(failure);
  const cid = await scene.put(...blob(1));
  expect(await scene.here()).toEqual([cid]);
  expect(scene.told).toEqual([failure]);
});
