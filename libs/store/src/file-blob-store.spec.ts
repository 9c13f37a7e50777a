import { afterEach, expect, test } from '@jest/globals';
import { open, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore, Cid } from '@souk/domain';
import { bytesOf, cidOf, gather, inFolder, toArray, writeIn } from '@souk/testing/conformance';
import { openBlobStore } from './index.ts';

type Handle = Awaited<ReturnType<typeof open>>;
let undo: (() => void) | undefined;

afterEach(() => {
  undo?.();
  undo = undefined;
});

/** Replaces a method of every open file until the test ends; the files themselves stay real. */
async function intercept<Name extends 'write' | 'sync'>(name: Name, make: (real: Handle[Name]) => Handle[Name]): Promise<void> {
  const handle = await open('.', 'r');
  const prototype = Object.getPrototypeOf(handle) as Handle;
  await handle.close();
  const real = prototype[name];
  prototype[name] = make(real);
  undo = () => {
    prototype[name] = real;
  };
}

async function put(blobs: BlobStore, bytes: Uint8Array): Promise<Cid> {
  const draft = await blobs.draft({ maxBytes: 10_000_000 });
  await writeIn(draft, bytes);
  await draft.commit(cidOf(bytes));
  return cidOf(bytes);
}

test('a blob lies in the folder of its last two characters, because all cids begin alike', async () => {
  await inFolder(async (folder) => {
    const blobs = await openBlobStore(folder);
    const bytes = bytesOf(100);
    const cid = await put(blobs, bytes);
    expect(new Uint8Array(await readFile(join(folder, 'blobs', cid.slice(-2), cid)))).toEqual(bytes);
    expect(await readdir(join(folder, 'drafts'))).toEqual([]);
    await blobs.close();
  });
});

test('blobs are there after closing and opening again; strange files are not listed', async () => {
  await inFolder(async (folder) => {
    const first = await openBlobStore(folder);
    const cid = await put(first, bytesOf(100));
    await first.close();
    await writeFile(join(folder, 'blobs', '.DS_Store'), 'x');
    await writeFile(join(folder, 'blobs', cid.slice(-2), 'README'), 'x');
    const second = await openBlobStore(folder);
    expect(await toArray(second.list())).toEqual([cid]);
    await second.close();
  });
});

test('a draft goes to the disk piece by piece and does not wait in memory', async () => {
  await inFolder(async (folder) => {
    const blobs = await openBlobStore(folder);
    const draft = await blobs.draft({ maxBytes: 10_000_000 });
    for (let pieces = 1; pieces <= 4; pieces += 1) {
      await draft.write(bytesOf(100_000, pieces));
      const [name] = await readdir(join(folder, 'drafts'));
      expect((await stat(join(folder, 'drafts', name ?? ''))).size).toBe(pieces * 100_000);
    }
    await draft.abort();
    expect(await readdir(join(folder, 'drafts'))).toEqual([]);
    await blobs.close();
  });
});

test('a commit flushes the file before its name, and the folder after it', async () => {
  await inFolder(async (folder) => {
    const blobs = await openBlobStore(folder);
    await put(blobs, bytesOf(10, 1));
    const bytes = bytesOf(10, 1);
    const draft = await blobs.draft({ maxBytes: 100 });
    await draft.write(bytes);
    const flushed: { folder: boolean; named: boolean }[] = [];
    await blobs.delete(cidOf(bytes));
    await intercept('sync', (real) => async function sync(this: Handle) {
      const named = await readdir(join(folder, 'drafts')).then((names) => names.length === 0);
      flushed.push({ folder: (await this.stat()).isDirectory(), named });
      await real.call(this);
    });
    await draft.commit(cidOf(bytes));
    expect(flushed).toEqual([{ folder: false, named: false }, { folder: true, named: true }]);
    await blobs.close();
  });
});

test('a full disk is STORAGE_FULL; the draft frees its space at once and the next one works', async () => {
  await inFolder(async (folder) => {
    const blobs = await openBlobStore(folder);
    const kept = await put(blobs, bytesOf(100));
    const draft = await blobs.draft({ maxBytes: 1000 });
    await draft.write(bytesOf(500));
    await intercept('write', () => () => Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })));
    await expect(draft.write(bytesOf(100))).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(await readdir(join(folder, 'drafts'))).toEqual([]);
    undo?.();
    await expect(draft.commit(cidOf(bytesOf(500)))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await gather(await blobs.read(kept))).toEqual(bytesOf(100));
    await put(blobs, bytesOf(600));
    await blobs.close();
  });
});

test('a file that is shorter than it was is STORAGE_CORRUPT for its reader', async () => {
  await inFolder(async (folder) => {
    const blobs = await openBlobStore(folder);
    const cid = await put(blobs, bytesOf(300_000));
    const stream = await blobs.read(cid);
    await truncate(join(folder, 'blobs', cid.slice(-2), cid), 200_000);
    await expect(gather(stream)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
    await blobs.close();
  });
});

test('a blob that is deleted before its reader begins is BLOB_NOT_FOUND', async () => {
  await inFolder(async (folder) => {
    const blobs = await openBlobStore(folder);
    const cid = await put(blobs, bytesOf(10));
    const stream = await blobs.read(cid);
    await blobs.delete(cid);
    await expect(gather(stream)).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND' });
    await blobs.close();
  });
});

test('two may share a folder: the second leaves the drafts of the first alone, the next alone sweeps', async () => {
  await inFolder(async (folder) => {
    const first = await openBlobStore(folder);
    const draft = await first.draft({ maxBytes: 100 });
    await draft.write(bytesOf(50));
    const second = await openBlobStore(folder);
    await draft.commit(cidOf(bytesOf(50)));
    expect(await second.size(cidOf(bytesOf(50)))).toBe(50);
    await first.close();
    await second.close();
    await writeFile(join(folder, 'drafts', 'left'), 'torn');
    const third = await openBlobStore(folder);
    expect(await readdir(join(folder, 'drafts'))).toEqual([]);
    await third.close();
  });
});

test('a file in place of the folder is STORAGE_DENIED', async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, 'file'), '');
    await expect(openBlobStore(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
  });
});
