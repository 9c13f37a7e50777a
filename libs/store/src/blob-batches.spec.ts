import { expect, test } from '@jest/globals';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cid, SmallBlob } from '@souk/domain';
import { bytesOf, cidOf, gather, inFolder } from '@souk/testing/conformance';
import { BlobBatches } from './blob-batches.ts';
import { blobPath, blobPlaces } from './blob-places.ts';
import { openBlobStore } from './index.ts';

const blobsOf = (...seeds: readonly number[]): SmallBlob[] => seeds.map((seed) => ({ cid: cidOf(bytesOf(100, seed)), bytes: bytesOf(100, seed) }));
const journals = (folder: string): Promise<string[]> => readdir(blobPlaces(folder).batches);
const fileOf = (folder: string, cid: Cid): string => blobPath(blobPlaces(folder), cid);

/** A store that put blobs together and was killed before it flushed them one by one; its locks end here because another store of this process would wait for them. */
async function killedStore(folder: string, blobs: readonly SmallBlob[]): Promise<void> {
  const store = await openBlobStore(folder);
  await store.putAll(blobs);
  await store.close();
}

test('blobs that were put together lie in one flushed journal until each is flushed by itself', async () => {
  await inFolder(async (folder) => {
    const blobs = blobsOf(1, 2, 3);
    await killedStore(folder, blobs);
    const [journal] = await journals(folder);
    expect(journal).toMatch(/^\d{15}-[0-9a-f]{16}\.placed$/);
    const whole = await readFile(join(blobPlaces(folder).batches, journal ?? ''));
    for (const { bytes } of blobs) expect(whole.includes(Buffer.from(bytes))).toBe(true);
    const batches = new BlobBatches(blobPlaces(folder));
    await batches.settleAll();
    expect(await journals(folder)).toEqual([]);
    for (const { cid, bytes } of blobs) expect(new Uint8Array(await readFile(fileOf(folder, cid)))).toEqual(bytes);
  });
});

test('a journal of the right size with missing blocks brings back no damaged blob', async () => {
  await inFolder(async (folder) => {
    const [first, second] = blobsOf(1, 2) as [SmallBlob, SmallBlob];
    await killedStore(folder, [first, second]);
    const [journal = ''] = await journals(folder);
    const path = join(blobPlaces(folder).batches, journal);
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0, bytes.length - 50));
    for (const { cid } of [first, second]) await rm(fileOf(folder, cid));
    const store = await openBlobStore(folder);
    expect(await gather(await store.read(first.cid))).toEqual(first.bytes);
    expect(await store.size(second.cid)).toBeUndefined();
    await store.close();
  });
});

test('a damaged file is no blob that is held: what is put again takes its place, and is not new', async () => {
  await inFolder(async (folder) => {
    const [empty, garbled, fresh] = blobsOf(1, 2, 3) as [SmallBlob, SmallBlob, SmallBlob];
    const store = await openBlobStore(folder);
    await store.putAll([empty, garbled]);
    await truncate(fileOf(folder, empty.cid), 0);
    await writeFile(fileOf(folder, garbled.cid), new Uint8Array(100));
    expect(await store.putAll([empty, garbled, fresh])).toEqual([fresh.cid]);
    for (const { cid, bytes } of [empty, garbled, fresh]) expect(await gather(await store.read(cid))).toEqual(bytes);
    await store.close();
  });
});

test('after a power failure the next start repairs what lost its bytes or its name, and nothing else', async () => {
  await inFolder(async (folder) => {
    const [missing, empty, garbled, whole] = blobsOf(1, 2, 3, 4) as [SmallBlob, SmallBlob, SmallBlob, SmallBlob];
    await killedStore(folder, [missing, empty, garbled, whole]);
    await rm(fileOf(folder, missing.cid));
    await truncate(fileOf(folder, empty.cid), 0);
    await writeFile(fileOf(folder, garbled.cid), new Uint8Array(100));
    const store = await openBlobStore(folder);
    for (const { cid, bytes } of [missing, empty, garbled, whole]) expect(await gather(await store.read(cid))).toEqual(bytes);
    await store.close();
  });
});

test('a crash while blobs get their files loses none; one before the journal was whole keeps none', async () => {
  await inFolder(async (folder) => {
    const blobs = blobsOf(1, 2);
    await killedStore(folder, blobs);
    const { batches } = blobPlaces(folder);
    const [journal = ''] = await journals(folder);
    const bytes = await readFile(join(batches, journal));
    for (const { cid } of blobs) await rm(fileOf(folder, cid));
    await rm(join(batches, journal));
    for (const length of [0, 10, bytes.indexOf('\n') + 1, bytes.length - 1]) await writeFile(join(batches, `00000000000000${length % 10}-torn${length}.placing`), bytes.subarray(0, length));
    const torn = await openBlobStore(folder);
    expect(await torn.size(blobs[0]?.cid as Cid)).toBeUndefined();
    expect(await journals(folder)).toEqual([]);
    await torn.close();
    await writeFile(join(batches, journal.replace('placed', 'placing')), bytes);
    const restored = await openBlobStore(folder);
    for (const one of blobs) expect(await gather(await restored.read(one.cid))).toEqual(one.bytes);
    expect(await journals(folder)).toEqual([journal]);
    await restored.close();
  });
});

test('a deleted blob does not come back at the next start', async () => {
  await inFolder(async (folder) => {
    const [gone, kept] = blobsOf(1, 2) as [SmallBlob, SmallBlob];
    await killedStore(folder, blobsOf(7, 8));
    const store = await openBlobStore(folder);
    await store.putAll([gone, kept]);
    await store.delete(gone.cid);
    expect(await journals(folder)).toHaveLength(1);
    await store.close();
    const again = await openBlobStore(folder);
    expect(await again.size(gone.cid)).toBeUndefined();
    expect(await again.size(kept.cid)).toBe(100);
    await again.close();
  });
});

test('a disk that fails in the middle leaves no blob that a crash could take', async () => {
  await inFolder(async (folder) => {
    const blobs = blobsOf(1, 2, 3);
    const store = await openBlobStore(folder);
    const [, second] = blobs as [SmallBlob, SmallBlob, SmallBlob];
    // A file in the place of the shard: what the system answers is what a full disk would.
    await writeFile(join(blobPlaces(folder).blobs, second.cid.slice(-2)), '');
    await expect(store.putAll(blobs)).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
    expect(await journals(folder)).toHaveLength(1);
    await rm(join(blobPlaces(folder).blobs, second.cid.slice(-2)));
    await mkdir(join(blobPlaces(folder).blobs, second.cid.slice(-2)));
    expect(await store.putAll(blobs)).toHaveLength(2);
    await store.close();
  });
});
