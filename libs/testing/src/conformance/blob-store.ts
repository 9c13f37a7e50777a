import { expect } from '@jest/globals';
import type { BlobStore, Cid } from '@souk/domain';
import { bytesOf, cidOf, gather, toArray, writeIn } from './bytes.ts';
import { declareSuite, type Cases, type Open } from './suite.ts';

const limits = { maxBytes: 1_000_000 };

async function put(blobs: BlobStore, bytes: Uint8Array): Promise<Cid> {
  const draft = await blobs.draft(limits);
  await writeIn(draft, bytes);
  await draft.commit(cidOf(bytes));
  return cidOf(bytes);
}

const writeCases: Cases<BlobStore> = {
  'a blob is invisible until it is committed, then whole': async (blobs) => {
    const bytes = bytesOf(300_000);
    const cid = cidOf(bytes);
    const draft = await blobs.draft(limits);
    await writeIn(draft, bytes);
    expect(draft.size).toBe(bytes.length);
    expect(await blobs.size(cid)).toBeUndefined();
    expect(await toArray(blobs.list())).toEqual([]);
    await draft.commit(cid);
    expect(await blobs.size(cid)).toBe(bytes.length);
    expect(await gather(await blobs.read(cid))).toEqual(bytes);
  },
  'a draft keeps its own copy of what is written': async (blobs) => {
    const draft = await blobs.draft(limits);
    const chunk = Uint8Array.of(1, 2, 3);
    await draft.write(chunk);
    chunk.fill(9);
    await draft.commit(cidOf(Uint8Array.of(1, 2, 3)));
    expect(await gather(await blobs.read(cidOf(Uint8Array.of(1, 2, 3))))).toEqual(Uint8Array.of(1, 2, 3));
  },
  'a draft reads back what was written, more than once': async (blobs) => {
    const bytes = bytesOf(200_000);
    const draft = await blobs.draft(limits);
    await writeIn(draft, bytes.subarray(0, 150_000));
    expect(await gather(draft.read())).toEqual(bytes.slice(0, 150_000));
    await writeIn(draft, bytes.subarray(150_000));
    expect(await gather(draft.read())).toEqual(bytes);
    await draft.commit(cidOf(bytes));
  },
  'the empty blob is a blob': async (blobs) => {
    const cid = await put(blobs, new Uint8Array(0));
    expect(await blobs.size(cid)).toBe(0);
    expect(await gather(await blobs.read(cid))).toEqual(new Uint8Array(0));
  },
  'other bytes than the cid names are refused and leave nothing': async (blobs) => {
    const [good, bad] = [bytesOf(5000, 1), bytesOf(5000, 2)];
    const draft = await blobs.draft(limits);
    await draft.write(bad);
    await expect(draft.commit(cidOf(good))).rejects.toMatchObject({ code: 'CID_MISMATCH', details: { expected: cidOf(good), actual: cidOf(bad) } });
    expect(await blobs.size(cidOf(good))).toBeUndefined();
    expect(await blobs.size(cidOf(bad))).toBeUndefined();
    await draft.abort();
  },
  'more bytes than the limit are refused': async (blobs) => {
    const draft = await blobs.draft({ maxBytes: 10 });
    await draft.write(bytesOf(10));
    await expect(draft.write(bytesOf(1))).rejects.toMatchObject({ code: 'TOO_LARGE', details: { limit: 10 } });
    await draft.abort();
  },
  'an aborted draft leaves nothing and takes nothing more': async (blobs) => {
    const bytes = bytesOf(100);
    const draft = await blobs.draft(limits);
    await draft.write(bytes);
    await draft.abort();
    await draft.abort();
    await expect(draft.write(bytes)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(draft.commit(cidOf(bytes))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await blobs.size(cidOf(bytes))).toBeUndefined();
  },
  'aborting after the commit is harmless; a second commit is refused': async (blobs) => {
    const bytes = bytesOf(100);
    const draft = await blobs.draft(limits);
    await draft.write(bytes);
    await draft.commit(cidOf(bytes));
    await draft.abort();
    await expect(draft.commit(cidOf(bytes))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await blobs.size(cidOf(bytes))).toBe(100);
  },
  'a cancelled signal stops the draft': async (blobs) => {
    const cancel = new AbortController();
    const draft = await blobs.draft({ ...limits, signal: cancel.signal });
    await draft.write(bytesOf(10));
    cancel.abort();
    await expect(draft.write(bytesOf(10))).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(draft.commit(cidOf(bytesOf(10)))).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(blobs.draft({ ...limits, signal: cancel.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    await draft.abort();
  },
  'one blob may be committed by many at once, and again': async (blobs) => {
    const bytes = bytesOf(50_000);
    await Promise.all(Array.from({ length: 8 }, () => put(blobs, bytes)));
    await put(blobs, bytes);
    expect(await toArray(blobs.list())).toEqual([cidOf(bytes)]);
    expect(await gather(await blobs.read(cidOf(bytes)))).toEqual(bytes);
  },
  'what a suspended draft leaves is read by the next one of the same blob, once it is committed no more': async (blobs) => {
    const bytes = bytesOf(300_000);
    const resume = cidOf(bytes);
    const left = async (limit = 1_000_000): Promise<Uint8Array> => {
      const draft = await blobs.draft({ maxBytes: limit, resume });
      const found = await gather(draft.left());
      await draft.suspend();
      return found;
    };
    const first = await blobs.draft({ ...limits, resume });
    expect(await gather(first.left())).toEqual(new Uint8Array());
    await writeIn(first, bytes.subarray(0, 200_000));
    await first.suspend();
    await expect(first.write(bytes)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await blobs.size(resume)).toBeUndefined();
    expect(await left()).toEqual(bytes.slice(0, 200_000));
    const shorter = await blobs.draft({ ...limits, resume });
    await writeIn(shorter, bytes.subarray(0, 100));
    await shorter.suspend();
    expect(await left()).toEqual(bytes.slice(0, 200_000));
    const last = await blobs.draft({ ...limits, resume });
    await writeIn(last, bytes);
    await last.commit(resume);
    expect(await left()).toEqual(new Uint8Array());
    expect(await gather(await blobs.read(resume))).toEqual(bytes);
  },
  'an aborted draft leaves nothing to be resumed, and one that may not be resumed neither': async (blobs) => {
    const bytes = bytesOf(1000);
    const resume = cidOf(bytes);
    for (const [options, way] of [[{ ...limits, resume }, 'abort'], [limits, 'suspend']] as const) {
      const draft = await blobs.draft(options);
      await draft.write(bytes);
      await draft[way]();
      const next = await blobs.draft({ ...limits, resume });
      expect(await gather(next.left())).toEqual(new Uint8Array());
      await next.abort();
    }
  },
  'closing throws open drafts away and refuses everything after': async (blobs) => {
    const bytes = bytesOf(100);
    const draft = await blobs.draft(limits);
    await draft.write(bytes);
    await blobs.close();
    await blobs.close();
    await expect(draft.commit(cidOf(bytes))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(blobs.draft(limits)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(blobs.size(cidOf(bytes))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(blobs.read(cidOf(bytes))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(blobs.putAll([])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  },
};

const smallBlobs = (...seeds: readonly number[]): { cid: Cid; bytes: Uint8Array }[] => seeds.map((seed) => ({ cid: cidOf(bytesOf(50 + seed, seed)), bytes: bytesOf(50 + seed, seed) }));

const togetherCases: Cases<BlobStore> = {
  'blobs that are put together are all there, and those that are new are named once': async (blobs) => {
    const [first, again, ...others] = smallBlobs(1, 1, 2, 3);
    await put(blobs, bytesOf(53, 3));
    expect([...(await blobs.putAll([first, again, ...others] as { cid: Cid; bytes: Uint8Array }[]))].sort()).toEqual(smallBlobs(1, 2).map(({ cid }) => cid).sort());
    for (const { cid, bytes } of smallBlobs(1, 2, 3)) expect(await gather(await blobs.read(cid))).toEqual(bytes);
    expect((await toArray(blobs.list())).sort()).toEqual(smallBlobs(1, 2, 3).map(({ cid }) => cid).sort());
    expect(await blobs.putAll(smallBlobs(1, 2, 3))).toEqual([]);
    expect(await blobs.putAll([])).toEqual([]);
  },
  'one of them with other bytes than its cid names: none is kept': async (blobs) => {
    const [one, two] = smallBlobs(1, 2) as [{ cid: Cid; bytes: Uint8Array }, { cid: Cid; bytes: Uint8Array }];
    await expect(blobs.putAll([one, { cid: two.cid, bytes: one.bytes }])).rejects.toMatchObject({ code: 'CID_MISMATCH', details: { expected: two.cid, actual: one.cid } });
    expect(await toArray(blobs.list())).toEqual([]);
  },
  'one of them can be deleted, and put again': async (blobs) => {
    const [one, two] = smallBlobs(1, 2) as [{ cid: Cid; bytes: Uint8Array }, { cid: Cid; bytes: Uint8Array }];
    await blobs.putAll([one, two]);
    await blobs.delete(one.cid);
    expect(await blobs.size(one.cid)).toBeUndefined();
    expect(await blobs.size(two.cid)).toBe(two.bytes.length);
    expect(await blobs.putAll([one, two])).toEqual([one.cid]);
    expect(await gather(await blobs.read(one.cid))).toEqual(one.bytes);
  },
};

const readCases: Cases<BlobStore> = {
  'slices are read exactly; a longer length is cut at the end': async (blobs) => {
    const bytes = bytesOf(400_000);
    const cid = await put(blobs, bytes);
    for (const [offset, length] of [[0, 1], [131_071, 2], [100_000, 250_000], [399_999, 10], [400_000, 5], [7, 0]] as const) {
      expect(await gather(await blobs.read(cid, { offset, length }))).toEqual(bytes.slice(offset, offset + length));
    }
    expect(await gather(await blobs.read(cid, { offset: 399_990 }))).toEqual(bytes.slice(399_990));
  },
  'a range outside the blob is refused': async (blobs) => {
    const cid = await put(blobs, bytesOf(100));
    for (const slice of [{ offset: 101 }, { offset: -1 }, { offset: 0.5 }, { offset: 0, length: -1 }, { offset: Number.NaN }]) {
      await expect(blobs.read(cid, slice)).rejects.toMatchObject({ code: 'RANGE_NOT_SATISFIABLE', details: { size: 100 } });
    }
  },
  'a blob that is not here has no size and is not read': async (blobs) => {
    const cid = cidOf(bytesOf(3));
    expect(await blobs.size(cid)).toBeUndefined();
    await expect(blobs.read(cid)).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND', details: { cid } });
  },
  'a reader may stop early': async (blobs) => {
    const cid = await put(blobs, bytesOf(400_000));
    for await (const piece of await blobs.read(cid)) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    expect(await blobs.size(cid)).toBe(400_000);
  },
  'what a reader does to its bytes changes nothing': async (blobs) => {
    const bytes = bytesOf(10);
    const cid = await put(blobs, bytes);
    for await (const piece of await blobs.read(cid)) piece.fill(0);
    expect(await gather(await blobs.read(cid))).toEqual(bytes);
  },
  'every blob is listed once': async (blobs) => {
    const cids = [];
    for (let seed = 0; seed < 40; seed += 1) cids.push(await put(blobs, bytesOf(20, seed)));
    expect((await toArray(blobs.list())).sort()).toEqual([...new Set(cids)].sort());
  },
  'a deleted blob is gone; deleting what is not here is harmless': async (blobs) => {
    const [kept, gone] = [await put(blobs, bytesOf(10, 1)), await put(blobs, bytesOf(10, 2))];
    await blobs.delete(gone);
    await blobs.delete(gone);
    expect(await blobs.size(gone)).toBeUndefined();
    await expect(blobs.read(gone)).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND' });
    expect(await toArray(blobs.list())).toEqual([kept]);
    await put(blobs, bytesOf(10, 2));
    expect(await blobs.size(gone)).toBe(10);
  },
};

/** Declares the tests that every `BlobStore` must pass. */
export function blobStoreConformance(name: string, open: Open<BlobStore>): void {
  declareSuite(name, open, { ...writeCases, ...togetherCases, ...readCases });
}
