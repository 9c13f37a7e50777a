import { expect, test } from '@jest/globals';
import { mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { packageOf, packageOfFiles } from '@souk/testing/archives';
import { bytesOf, inFolder } from '@souk/testing/conformance';
import { inspectArchive, unpackArchive } from './index.ts';
import { storageError } from './storage-error.ts';

const maxBytes = 100_000_000;

async function* pieces(bytes: Uint8Array, size = 20_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('writes every file, large, empty and deep ones, and tells of each', async () => {
  await inFolder(async (folder) => {
    const large = bytesOf(1_000_000);
    const bytes = packageOfFiles({ 'a/b/c/d.bin': large, empty: '', 'a/x': '1', 'a/b/y': '2' });
    const told: string[] = [];
    const report = await unpackArchive(pieces(bytes), join(folder, 'out'), { maxBytes, onFile: ({ path }) => told.push(path), durable: true });
    expect(report).toEqual(await inspectArchive(pieces(bytes), { maxBytes }));
    expect(told).toEqual(['package.json', 'a/b/c/d.bin', 'empty', 'a/x', 'a/b/y']);
    expect(new Uint8Array(await readFile(join(folder, 'out/a/b/c/d.bin')))).toEqual(large);
    expect(await readFile(join(folder, 'out/empty'), 'utf8')).toBe('');
    expect((await readdir(join(folder, 'out'), { recursive: true })).sort()).toEqual(['a', 'a/b', 'a/b/c', 'a/b/c/d.bin', 'a/b/y', 'a/x', 'empty', 'package.json']);
  });
});

test('keeps the execute bit and drops every other one', async () => {
  await inFolder(async (folder) => {
    const bytes = packageOf({ name: 'package/run', body: 'x', mode: 0o6777 }, { name: 'package/plain', body: 'x', mode: 0o1606 }, { name: 'package/sub/', type: '5', mode: 0o2777 });
    await unpackArchive(pieces(bytes), join(folder, 'out'), { maxBytes });
    const mode = async (name: string): Promise<number> => (await stat(join(folder, 'out', name))).mode & 0o7777;
    const umask = process.umask();
    expect((await mode('run')).toString(8)).toBe((0o755 & ~umask).toString(8));
    expect((await mode('plain')).toString(8)).toBe((0o644 & ~umask).toString(8));
    expect(await readdir(join(folder, 'out'))).not.toContain('sub');
  });
});

test('never writes into what exists, be it empty or a link', async () => {
  await inFolder(async (folder) => {
    await mkdir(join(folder, 'there'));
    await symlink('there', join(folder, 'link'));
    await symlink('nowhere', join(folder, 'dangling'));
    for (const name of ['there', 'link', 'dangling']) {
      await expect(unpackArchive(pieces(packageOfFiles({})), join(folder, name), { maxBytes })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
    await expect(unpackArchive(pieces(packageOfFiles({})), join(folder, 'no/parent'), { maxBytes })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(['dangling', 'link', 'there']);
  });
});

test('leaves nothing behind when it is cancelled or the source fails in the middle', async () => {
  await inFolder(async (folder) => {
    const bytes = packageOfFiles({ a: '1', data: bytesOf(500_000) });
    const abort = new AbortController();
    const cancelled = unpackArchive(pieces(bytes), join(folder, 'out'), { maxBytes, signal: abort.signal, onFile: () => abort.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    async function* fails(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 300_000);
      expect(await readdir(folder)).toEqual(['out']);
      throw new Error('the peer is gone');
    }
    await expect(unpackArchive(fails(), join(folder, 'out'), { maxBytes })).rejects.toThrow('the peer is gone');
    expect(await readdir(folder)).toEqual([]);
  });
});

test('stops reading a bomb at once', async () => {
  await inFolder(async (folder) => {
    const bomb = packageOf({ name: 'package/zeros', body: Buffer.alloc(200_000_000) });
    let read = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces(bomb)) {
        read += piece.length;
        yield piece;
      }
    }
    await expect(unpackArchive(counted(), join(folder, 'out'), { maxBytes })).rejects.toMatchObject({ code: 'BAD_ARCHIVE' });
    expect(read).toBeLessThan(bomb.length / 2);
    expect(await readdir(folder)).toEqual([]);
  });
});

test('writes nothing of an entry that it refuses, although earlier ones were written', async () => {
  await inFolder(async (folder) => {
    const written: string[] = [];
    const bytes = packageOf({ name: 'package/first', body: bytesOf(200_000) }, { name: 'package/second', body: bytesOf(200_000) }, { name: 'package/.git/hooks/pre-commit', body: 'evil' });
    await expect(unpackArchive(pieces(bytes), join(folder, 'out'), { maxBytes, onFile: ({ path }) => written.push(path) })).rejects.toMatchObject({
      code: 'BAD_ARCHIVE',
      details: { violations: [{ rule: 'git-folder', entry: 'package/.git/hooks/pre-commit' }] },
      hint: expect.stringContaining('souk verify'),
    });
    expect(written).toEqual(['package.json', 'first']);
    expect(await readdir(folder)).toEqual([]);
  });
});

test('the error of a refused archive names the first violation and how many more there are', async () => {
  await inFolder(async (folder) => {
    const bytes = packageOf({ name: 'package/a', type: '2', linkName: 'x' }, { name: 'package/b', type: '6' });
    await expect(unpackArchive(pieces(bytes), join(folder, 'out'), { maxBytes })).rejects.toThrow('The archive is refused: "package/a": Links are not allowed. (and 1 more)');
  });
});

test.each([
  ['ENOSPC', 'STORAGE_FULL'],
  ['EDQUOT', 'STORAGE_FULL'],
  ['EACCES', 'STORAGE_DENIED'],
  ['EROFS', 'STORAGE_DENIED'],
  ['ENAMETOOLONG', 'STORAGE_DENIED'],
  ['ENOENT', 'NOT_FOUND'],
])('a system error %s is %s to the caller', (code, expected) => {
  expect(storageError(Object.assign(new Error('system'), { code }), 'Unpacking')).toMatchObject({ code: expected, hint: expect.any(String) });
});

test('an error that is no system error stays what it is', () => {
  const bug = new TypeError('bug');
  expect(storageError(bug, 'Unpacking')).toBe(bug);
});
