import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { bytesOf, cidOf, gather, inFolder } from '@souk/testing/conformance';
import { openBlobStore } from './file-blob-store.ts';

const named = (seed: number): string => cidOf(bytesOf(10, seed));

/** What a process that was killed left of blobs, the first the newest, so many seconds apart. */
async function leave(folder: string, seeds: readonly number[], apartSeconds: number): Promise<void> {
  await mkdir(join(folder, 'drafts'), { recursive: true });
  for (const [age, seed] of seeds.entries()) {
    const path = join(folder, 'drafts', `${named(seed)}.00.part`);
    await writeFile(path, bytesOf(100, seed));
    const at = Date.now() / 1000 - age * apartSeconds;
    await utimes(path, at, at);
  }
}

test('what a killed process left of a blob is read by the next draft of it; the newest four are kept', async () => {
  await inFolder(async (folder) => {
    await leave(folder, [1, 2, 3, 4, 5, 6], 60);
    const blobs = await openBlobStore(folder);
    expect((await readdir(join(folder, 'drafts'))).toSorted()).toEqual([1, 2, 3, 4].map((seed) => `${named(seed)}.00.part`).toSorted());
    const draft = await blobs.draft({ maxBytes: 1000, resume: cidOf(bytesOf(10, 2)) });
    expect(await gather(draft.left())).toEqual(bytesOf(100, 2));
    await blobs.close();
  });
});

test('what was left more than a day ago is deleted at the start, and beside it what can not be resumed', async () => {
  await inFolder(async (folder) => {
    await leave(folder, [1, 2], 90_000);
    await writeFile(join(folder, 'drafts', 'half'), 'half');
    const blobs = await openBlobStore(folder);
    expect(await readdir(join(folder, 'drafts'))).toEqual([`${named(1)}.00.part`]);
    await blobs.close();
  });
});

test('two drafts of one blob at once do not read each other', async () => {
  await inFolder(async (folder) => {
    const blobs = await openBlobStore(folder);
    const resume = cidOf(bytesOf(10));
    const [one, other] = [await blobs.draft({ maxBytes: 1000, resume }), await blobs.draft({ maxBytes: 1000, resume })];
    await one.write(bytesOf(5));
    expect(await gather(other.left())).toEqual(new Uint8Array());
    await one.suspend();
    await other.abort();
    const next = await blobs.draft({ maxBytes: 1000, resume });
    expect(await gather(next.left())).toEqual(bytesOf(5));
    await blobs.close();
  });
});
