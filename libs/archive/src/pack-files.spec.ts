import { expect, test } from '@jest/globals';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inFolder } from '@souk/testing/conformance';
import { packFiles, packFolder } from './index.ts';

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
    const { bytes, report } = await packFiles(files);
    expect(report).toEqual(fromFolder.report);
    expect(Buffer.compare(bytes, await readFile(fromFolder.file))).toBe(0);
  });
});

test('the order in which files are given changes nothing', async () => {
  const one = await packFiles({ 'package.json': packageJson, 'a.txt': text('a') });
  const other = await packFiles({ 'a.txt': text('a'), 'package.json': packageJson });
  expect(one).toEqual(other);
});

test('names that break the policy are refused', async () => {
  await expect(packFiles({ 'package.json': packageJson, '../out': text('') })).rejects.toMatchObject({ code: 'BAD_ARCHIVE' });
  await expect(packFiles({ 'a.txt': text('') })).rejects.toMatchObject({ code: 'BAD_ARCHIVE' });
});
