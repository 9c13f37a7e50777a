import { expect, test } from '@jest/globals';
import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seedFrom } from '@souk/domain';
import { inFolder } from '@souk/testing/conformance';
import { openKeyStore } from './index.ts';

const bits = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test('secrets are files that only their owner may read, in a folder that only they may enter', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'deep', 'keys');
    const keys = await openKeyStore(path);
    await keys.create('laptop', seedFrom('laptop'));
    expect(await bits(path)).toBe('700');
    expect(await bits(join(path, 'laptop'))).toBe('600');
    expect(await readdir(path)).toEqual(['laptop']);
    expect(await (await openKeyStore(path)).get('laptop')).toEqual(seedFrom('laptop'));
  });
});

test.each(['640', '604', '620'])('a secret with mode %s is refused with the command that closes it', async (mode) => {
  await inFolder(async (folder) => {
    const keys = await openKeyStore(folder);
    await keys.create('laptop', seedFrom('laptop'));
    await chmod(join(folder, 'laptop'), mode);
    await expect(keys.get('laptop')).rejects.toMatchObject({ code: 'STORAGE_DENIED', hint: expect.stringContaining('chmod 600') });
    await chmod(join(folder, 'laptop'), '600');
    expect(await keys.get('laptop')).toEqual(seedFrom('laptop'));
  });
});

test('a folder that others may enter is refused', async () => {
  await inFolder(async (folder) => {
    await chmod(folder, '755');
    await expect(openKeyStore(folder)).rejects.toMatchObject({ code: 'STORAGE_DENIED', hint: expect.stringContaining('chmod 700') });
  });
});

test.each([0, 31, 33, 5000])('a file of %d bytes is STORAGE_CORRUPT', async (length) => {
  await inFolder(async (folder) => {
    const keys = await openKeyStore(folder);
    await writeFile(join(folder, 'laptop'), new Uint8Array(length), { mode: 0o600 });
    await expect(keys.get('laptop')).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
    await expect(keys.create('laptop', seedFrom('laptop'))).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
  });
});

test('what a crash left of an unfinished secret is not a secret', async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, '.laptop.0011223344556677.tmp'), 'half', { mode: 0o600 });
    const keys = await openKeyStore(folder);
    expect(await keys.list()).toEqual([]);
    await keys.create('laptop', seedFrom('laptop'));
    expect(await keys.list()).toEqual(['laptop']);
  });
});

test('a file in place of the folder is STORAGE_DENIED', async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, 'keys'), '');
    await expect(openKeyStore(join(folder, 'keys'))).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
  });
});
