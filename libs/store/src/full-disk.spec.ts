import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LogWriter } from '@souk/testing';
import { bytesOf, cidOf, gather, inFolder, writeIn } from '@souk/testing/conformance';
import { openDataFolder } from './index.ts';

function mount(...words: string[]): boolean {
  return spawnSync('mount', words).status === 0;
}

/** Runs work on a real disk of 2 MiB, which only a user that may mount can have. */
async function onSmallDisk(work: (folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    expect(mount('-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk)).toBe(true);
    try {
      await work(disk);
    } finally {
      spawnSync('umount', [disk]);
    }
  });
}

async function mayMount(): Promise<boolean> {
  return inFolder(async (folder) => {
    if (!mount('-t', 'tmpfs', 'tmpfs', folder)) return false;
    spawnSync('umount', [folder]);
    return true;
  });
}

// The specs of each store also meet a full disk without mounting one: SQLite's own page limit, and a write that fails with ENOSPC.
const whereMountingIsAllowed = (await mayMount()) ? describe : describe.skip;

whereMountingIsAllowed('on a disk of 2 MiB', () => {
  test('a real full disk refuses blobs and records, loses nothing, and serves again when there is room', async () => {
    await onSmallDisk(async (folder) => {
      const data = await openDataFolder(join(folder, 'data'));
      const writer = new LogWriter('ada');
      await data.logs.append([writer.writeBytes('note', Uint8Array.of(1))]);
      const small = await data.blobs.draft({ maxBytes: 100 });
      await small.write(bytesOf(100));
      await small.commit(cidOf(bytesOf(100)));
      const filler = join(folder, 'filler');
      await writeFile(filler, bytesOf(3_000_000)).catch((error: unknown) => expect(error).toMatchObject({ code: 'ENOSPC' }));
      const record = writer.writeBytes('note', bytesOf(60_000));
      await expect(data.logs.append([record])).rejects.toMatchObject({ code: 'STORAGE_FULL' });
      const writing = data.blobs.draft({ maxBytes: 1_000_000 }).then((draft) => writeIn(draft, bytesOf(500_000)));
      await expect(writing).rejects.toMatchObject({ code: 'STORAGE_FULL' });
      expect(await data.logs.head(writer.key)).toMatchObject({ seq: 0 });
      expect(await gather(await data.blobs.read(cidOf(bytesOf(100))))).toEqual(bytesOf(100));
      await rm(filler);
      expect((await data.logs.append([record])).added).toHaveLength(1);
      await data.close();
    });
  });

  test('a data folder on a full disk is not created: STORAGE_FULL', async () => {
    await onSmallDisk(async (folder) => {
      await writeFile(join(folder, 'filler'), bytesOf(3_000_000)).catch((error: unknown) => expect(error).toMatchObject({ code: 'ENOSPC' }));
      await expect(openDataFolder(join(folder, 'data'))).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    });
  });

  test('a read-only disk is STORAGE_DENIED', async () => {
    await onSmallDisk(async (folder) => {
      await (await openDataFolder(join(folder, 'data'))).close();
      expect(mount('-o', 'remount,ro', folder)).toBe(true);
      await expect(openDataFolder(join(folder, 'data'))).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
      await expect(openDataFolder(join(folder, 'other', 'deep'))).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
    });
  });
});
