import { expect, test } from '@jest/globals';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seedFrom } from '@souk/domain';
import { bytesOf, chain, cidOf, gather, inFolder } from '@souk/testing/conformance';
import { openDataFolder } from './index.ts';

test('a new data folder is private, has its format, and keeps everything over a restart', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'site', 'data');
    const first = await openDataFolder(path);
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('700');
    expect(JSON.parse(await readFile(join(path, 'format.json'), 'utf8'))).toEqual({ format: 'souk-data', version: 1 });
    const bytes = bytesOf(100);
    const draft = await first.blobs.draft({ maxBytes: 100 });
    await draft.write(bytes);
    await draft.commit(cidOf(bytes));
    await first.logs.append(chain('ada', 3));
    await first.keys.create('laptop', seedFrom('laptop'));
    await first.observations.add({ peer: 'p', cid: cidOf(bytes), outcome: 'ok', bytes: 100, ms: 1, at: 1 });
    await first.close();
    const second = await openDataFolder(path);
    expect(await gather(await second.blobs.read(cidOf(bytes)))).toEqual(bytes);
    expect(await second.logs.size()).toEqual({ logs: 1, records: 3, arrival: 3 });
    expect(await second.keys.list()).toEqual(['laptop']);
    expect(await second.observations.since(0, 10)).toHaveLength(1);
    await second.close();
    await second.close();
  });
});

test('a data folder has one owner at a time; the second is told the pid', async () => {
  await inFolder(async (folder) => {
    const owner = await openDataFolder(folder);
    await expect(openDataFolder(folder)).rejects.toMatchObject({ code: 'STORAGE_LOCKED', details: { path: folder, pid: process.pid }, message: expect.stringContaining(String(process.pid)) });
    await owner.logs.append(chain('ada', 1));
    await owner.close();
    await (await openDataFolder(folder)).close();
  });
});

test.each([0, 2, 99])('a data folder of version %d is refused, names both versions and is left as it is', async (version) => {
  await inFolder(async (folder) => {
    await (await openDataFolder(folder)).close();
    await writeFile(join(folder, 'format.json'), JSON.stringify({ format: 'souk-data', version }));
    await expect(openDataFolder(folder)).rejects.toMatchObject({
      code: 'STORAGE_VERSION',
      message: `The data folder ${folder} has version ${version}; this Souk understands 1.`,
      hint: expect.stringContaining('--data'),
      details: { version, understood: 1 },
    });
    await writeFile(join(folder, 'format.json'), JSON.stringify({ format: 'souk-data', version: 1 }));
    await (await openDataFolder(folder)).close();
  });
});

test.each(['', 'not json', '[]', '{"format":"other","version":1}', '{"format":"souk-data","version":"1"}'])('a format file with %j is STORAGE_CORRUPT', async (text) => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, 'format.json'), text);
    await expect(openDataFolder(folder)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
  });
});

test('a folder of something else is refused and nothing is written into it', async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, 'thesis.txt'), 'precious');
    await expect(openDataFolder(folder)).rejects.toMatchObject({ code: 'STORAGE_DENIED', message: expect.stringContaining('thesis.txt') });
    expect(await readdir(folder)).toEqual(['thesis.txt']);
  });
});

test('a fresh volume, and a folder whose creation a crash interrupted, are taken', async () => {
  await inFolder(async (folder) => {
    await mkdir(join(folder, 'lost+found'));
    await writeFile(join(folder, '.format.json.0011223344556677.tmp'), '{');
    await writeFile(join(folder, 'lock.pid'), '1');
    await (await openDataFolder(folder)).close();
    expect(await readdir(folder)).toContain('format.json');
  });
});

test('a file in place of the folder is STORAGE_DENIED', async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, 'data'), '');
    await expect(openDataFolder(join(folder, 'data'))).rejects.toMatchObject({ code: 'STORAGE_DENIED', message: expect.stringContaining(join(folder, 'data')) });
    await expect(openDataFolder(join(folder, 'data', 'below'))).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
  });
});

test('when one part cannot be opened the others are closed and the folder is free', async () => {
  await inFolder(async (folder) => {
    await (await openDataFolder(folder)).close();
    await chmod(join(folder, 'keys'), '755');
    await expect(openDataFolder(folder)).rejects.toMatchObject({ code: 'STORAGE_DENIED' });
    await chmod(join(folder, 'keys'), '700');
    await writeFile(join(folder, 'observations.db'), 'this is certainly not a database, only a text\n'.repeat(100));
    await expect(openDataFolder(folder)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
    await writeFile(join(folder, 'observations.db'), '');
    await (await openDataFolder(folder)).close();
  });
});
