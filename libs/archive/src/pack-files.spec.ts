import { expect, test } from '@jest/globals';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { SoukError } from '@souk/domain';
import { bytesOf, inFolder } from '@souk/testing/conformance';
import { inspectBytes, packFiles, packFolder } from './index.ts';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const packageJson = text('{ "name": "case", "version": "1.0.0" }\n');

test('packs the very bytes that a folder with these files gives', async () => {
  const long = `${'long-folder-name/'.repeat(8)}file.txt`;
  const files = { 'README.md': text('# Case\n'), [long]: text('x'.repeat(70_000)), 'empty.txt': text(''), 'package.json': packageJson };
  await inFolder(async (folder) => {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    await using fromFolder = await packFolder(folder);
    const { bytes, report } = packFiles(files);
    expect(report).toEqual(fromFolder.report);
    expect(Buffer.compare(bytes, await readFile(fromFolder.file))).toBe(0);
  });
});

test('a reader reports what the packer does, whatever the sizes', async () => {
  for (const size of [0, 1, 511, 512, 70_000, 2_500_000]) {
    const { bytes, report } = packFiles({ 'package.json': packageJson, 'README.md': text('# Case'), 'lib/data': bytesOf(size) });
    expect(await inspectBytes(bytes, { maxBytes: bytes.length })).toEqual(report);
  }
});

test('small files are compressed to the very bytes that more memory gives', () => {
  for (const size of [0, 1, 250, 700, 3000, 7000, 15_000, 31_000, 32_768, 60_000]) {
    for (const content of [bytesOf(size), text('all work and no play makes a dull text, '.repeat(size / 40))]) {
      const { bytes } = packFiles({ 'package.json': packageJson, data: content });
      const usual = gzipSync(gunzipSync(bytes), { level: 9 });
      expect(Buffer.compare(bytes.subarray(10), usual.subarray(10))).toBe(0);
    }
  }
});

test('the order in which files are given changes nothing', () => {
  const one = packFiles({ 'package.json': packageJson, 'a.txt': text('a') });
  const other = packFiles({ 'a.txt': text('a'), 'package.json': packageJson });
  expect(one).toEqual(other);
});

test('what breaks the policy is refused', () => {
  const refusalOf = (files: Record<string, Uint8Array>): unknown => {
    try {
      return packFiles(files);
    } catch (error) {
      return (error as SoukError).details?.['violations'];
    }
  };
  expect(refusalOf({ 'package.json': packageJson, '../out': text('') })).toMatchObject([{ rule: 'traversal' }]);
  expect(refusalOf({ 'package.json': packageJson, 'a.txt': text(''), 'A.txt': text('') })).toMatchObject([{ rule: 'case-collision' }]);
  expect(refusalOf({ 'a.txt': text('') })).toMatchObject([{ rule: 'no-manifest' }]);
  expect(refusalOf({ 'package.json': packageJson, bomb: new Uint8Array(3_000_000) })).toMatchObject([{ rule: 'ratio' }]);
});
