import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { createHash } from 'node:crypto';
import { chmod, link, mkdir, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { comparePaths, defaultArchiveLimits, type FileEntry } from '@souk/domain';
import { bytesOf, gather, inFolder } from '@souk/testing/conformance';
import { inspectArchive, packFolder, unpackArchive } from './index.ts';

interface Content {
  readonly body: string | Uint8Array;
  readonly mode?: number;
}

const manifest = JSON.stringify({ name: 'sample', version: '1.0.0' });

async function write(folder: string, files: Readonly<Record<string, string | Uint8Array | Content>>): Promise<void> {
  for (const [path, value] of Object.entries(files)) {
    const { body, mode } = typeof value === 'string' || value instanceof Uint8Array ? { body: value } : value;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), body);
    if (mode !== undefined) await chmod(join(folder, path), mode);
  }
}

async function packedBytes(folder: string): Promise<Uint8Array> {
  const packed = await packFolder(folder);
  try {
    return await gather(packed.read());
  } finally {
    await packed.dispose();
  }
}

test('one tree gives one archive, whatever its times, order, permissions, links and folder', async () => {
  await inFolder(async (folder) => {
    const long = `${'a-long-folder-name/'.repeat(9)}file.txt`;
    const files = { 'package.json': manifest, 'b.js': '1', 'A.js': '2', '\u00e9.js': '3', [long]: '4', 'run.sh': { body: '#!/bin/sh\n', mode: 0o755 } };
    await write(join(folder, 'one'), files);
    await write(join(folder, 'two'), Object.fromEntries(Object.entries(files).reverse()));
    await utimes(join(folder, 'two/b.js'), 1, 1);
    await chmod(join(folder, 'two/b.js'), 0o600);
    await chmod(join(folder, 'two/A.js'), 0o666);
    await chmod(join(folder, 'two/run.sh'), 0o711);
    await link(join(folder, 'two/b.js'), join(folder, 'elsewhere'));
    const bytes = await packedBytes(join(folder, 'one'));
    expect(await packedBytes(join(folder, 'one'))).toEqual(bytes);
    expect(await packedBytes(join(folder, 'two'))).toEqual(bytes);
    expect([...bytes.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
  });
});

test('what is packed is what was there: any tree of files', async () => {
  const name = fc.stringMatching(/^[a-z0-9_-]{1,12}$/).filter((text) => !/^(?:con|prn|aux|nul|(?:com|lpt)[0-9]|node_modules|-.*)$/.test(text));
  const path = fc.tuple(fc.array(name.map((text) => `d${text}`), { maxLength: 9 }), name).map(([folders, file]) => [...folders, `${file}.txt`].join('/'));
  const content = fc.record({ body: fc.oneof(fc.uint8Array({ maxLength: 3000 }), fc.constant(bytesOf(70_000))), mode: fc.constantFrom(0o644, 0o755, 0o600) });
  await fc.assert(
    fc.asyncProperty(fc.dictionary(path, content, { maxKeys: 8 }), async (tree) => {
      await inFolder(async (folder) => {
        await write(join(folder, 'in'), { 'package.json': manifest, ...tree });
        const packed = await packFolder(join(folder, 'in'));
        const all: [string, Content][] = [['package.json', { body: manifest }], ...Object.entries(tree)];
        const expected = all.sort(([a], [b]) => comparePaths(a, b)).map(([file, { body, mode }]): FileEntry => {
          return { path: file, mode: mode === 0o755 ? 0o755 : 0o644, size: body.length, sha256: createHash('sha256').update(body).digest('hex') };
        });
        expect(packed.report.files).toEqual(expected);
        expect(await inspectArchive(packed.read(), { maxBytes: 1e7 })).toEqual(packed.report);
        const unpacked = await unpackArchive(packed.read(), join(folder, 'out'), { maxBytes: 1e7 });
        const again = await packFolder(join(folder, 'out'));
        expect([unpacked.tree, again.report.cid]).toEqual([packed.report.tree, packed.report.cid]);
        await Promise.all([packed.dispose(), again.dispose()]);
      });
    }),
    { numRuns: 40 },
  );
});

test('symbolic links are left out and named, hard links are files', async () => {
  await inFolder(async (folder) => {
    await write(folder, { 'package/package.json': manifest, 'package/lib/a.js': '1', 'secret.txt': 'secret' });
    await symlink('../secret.txt', join(folder, 'package/secret.txt'));
    await symlink('..', join(folder, 'package/lib/up'));
    await link(join(folder, 'package/lib/a.js'), join(folder, 'package/lib/b.js'));
    const packed = await packFolder(join(folder, 'package'));
    expect(packed.report.files.map(({ path }) => path)).toEqual(['lib/a.js', 'lib/b.js', 'package.json']);
    expect(packed.skipped).toEqual(['lib/up', 'secret.txt']);
    await packed.dispose();
    await expect(stat(packed.file)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

test('no script runs', async () => {
  await inFolder(async (folder) => {
    const evil = `${JSON.stringify(process.execPath)} -e "require('fs').writeFileSync('ran.txt','')"`;
    const names = ['preinstall', 'install', 'postinstall', 'prepare', 'prepack', 'postpack', 'prepublish', 'prepublishOnly'];
    await write(folder, { 'package.json': JSON.stringify({ name: 'sample', version: '1.0.0', scripts: Object.fromEntries(names.map((name) => [name, evil])) }) });
    await (await packFolder(folder)).dispose();
    expect(await readdir(folder)).toEqual(['package.json']);
  });
});

test.each([
  ['no package.json', { 'a.js': '1' }, 'BAD_MANIFEST', 'npm init'],
  ['a package.json that is not JSON', { 'package.json': '{"name":' }, 'BAD_MANIFEST', 'Correct it'],
  ['a package.json that is a list', { 'package.json': '[]' }, 'BAD_MANIFEST', 'npm init'],
  ['a package.json that is too large', { 'package.json': `{"a":"${'x'.repeat(1_100_000)}"}` }, 'BAD_MANIFEST', 'other files'],
  ['names that collide', { 'package.json': manifest, 'a.js': '1', 'A.js': '2' }, 'BAD_ARCHIVE', 'Rename'],
  ['a name with a backslash', { 'package.json': manifest, 'a\\b.js': '1' }, 'BAD_ARCHIVE', 'Rename'],
])('a folder with %s is refused', async (_name, files, code, hint) => {
  await inFolder(async (folder) => {
    await write(folder, files as Record<string, string>);
    await expect(packFolder(folder)).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) });
  });
});

test('fields of any type do not matter more than to npm', async () => {
  await inFolder(async (folder) => {
    const odd = { name: 1, files: ['lib', 2, null, ''], main: {}, bin: [3, 'lib/a.js'], bundleDependencies: ['../../..', '..', 7, 'missing'], dependencies: 'x', directories: { bin: '../..' }, browser: [] };
    await write(folder, { 'package.json': `\ufeff${JSON.stringify(odd)}`, 'lib/a.js': '1', 'other.js': '2' });
    const packed = await packFolder(folder);
    expect(packed.report.files.map(({ path }) => path)).toEqual(['lib/a.js', 'package.json']);
    await packed.dispose();
  });
});

test('limits, aborts and folders that are not there are told', async () => {
  await inFolder(async (folder) => {
    await write(folder, { 'package.json': manifest, 'data.bin': bytesOf(300_000) });
    const limits = { ...defaultArchiveLimits, maxUnpackedBytes: 200_000 };
    await expect(packFolder(folder, { limits })).rejects.toMatchObject({ code: 'BAD_ARCHIVE', details: { violations: [{ rule: 'too-large', entry: 'data.bin' }] } });
    await expect(packFolder(folder, { maxBytes: 100_000 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(packFolder(folder, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(packFolder(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(packFolder(join(folder, 'data.bin'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
