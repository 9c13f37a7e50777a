import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { defaultArchiveLimits, parseCid, sha256Of } from '@souk/domain';
import { endMarker, hostileArchives, manifestEntry, packageOf, packageOfFiles, soundArchives, tarEntry } from '@souk/testing/archives';
import { bytesOf } from '@souk/testing/conformance';
import { archiveChunkBytes, inspectArchive, maxReadmeBytes, maxViolations, requireSound } from './index.ts';

const maxBytes = 100_000_000;

async function* inPieces(bytes: Uint8Array, ...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

function inspect(bytes: Uint8Array, sizes: readonly number[] = [], options: { maxBytes?: number; signal?: AbortSignal } = {}): ReturnType<typeof inspectArchive> {
  return inspectArchive(inPieces(bytes, ...sizes), { maxBytes, ...options });
}

test('tells names, sizes, modes and hashes of everything', async () => {
  const bytes = packageOf({ name: 'package/bin/run', body: '#!/bin/sh\n', mode: 0o4755 }, { name: 'package/README.md', body: '# Case\n' });
  const report = await inspect(bytes, [100]);
  expect(report).toMatchObject({
    cid: parseCid(report.cid),
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    sha256: sha256Of(bytes),
    size: bytes.length,
    chunks: [sha256Of(bytes)],
    root: 'package',
    unpackedSize: 51,
    readme: { path: 'README.md', text: '# Case\n', cut: false },
    violations: [],
  });
  expect(report.files.map(({ path, mode, size }) => [path, mode.toString(8), size])).toEqual([['README.md', '644', 7], ['bin/run', '755', 10], ['package.json', '644', 34]]);
  expect(report.files[1]?.sha256).toBe(createHash('sha256').update('#!/bin/sh\n').digest('hex'));
  expect(Buffer.from(report.packageJson ?? []).toString()).toBe('{"name":"case","version":"1.0.0"}\n');
});

test('hashes every slice of a MiB, the last one shorter', async () => {
  for (const length of [archiveChunkBytes, archiveChunkBytes + 1, 3 * archiveChunkBytes - 1]) {
    const incompressible = gzipSync(Buffer.concat([manifestEntry, tarEntry({ name: 'package/data', body: bytesOf(length) }), endMarker]), { level: 0 });
    const report = await inspect(incompressible, [70_001, 3]);
    const expected = [];
    for (let at = 0; at < incompressible.length; at += archiveChunkBytes) expected.push(sha256Of(incompressible.subarray(at, at + archiveChunkBytes)));
    expect(report.chunks).toEqual(expected);
  }
});

test('a report does not depend on how the source cuts its bytes', async () => {
  const cases = [...soundArchives, ...hostileArchives.filter(({ limits }) => !limits)];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...cases), fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 5 }), async ({ bytes }, sizes) => {
      expect(await inspect(bytes(), sizes)).toEqual(await inspect(bytes()));
    }),
    { numRuns: 150 },
  );
});

test('prefers README.md, in any letters, and cuts a long one between characters', async () => {
  const euro = '\u20ac'.repeat(100_000);
  const report = await inspect(packageOfFiles({ 'README.txt': 'no', 'docs/README.md': 'no', 'readme.MD': euro, 'readme.markdown': 'no' }));
  expect(report.readme).toEqual({ path: 'readme.MD', text: euro.slice(0, Math.floor(maxReadmeBytes / 3)), cut: true });
  expect((await inspect(packageOfFiles({ readme: 'plain' }))).readme).toEqual({ path: 'readme', text: 'plain', cut: false });
  expect((await inspect(packageOfFiles({ 'readme-first.md': 'no' }))).readme).toBeUndefined();
});

test('names every refused entry, up to a limit, and still the archive itself', async () => {
  const bad = Array.from({ length: maxViolations + 50 }, (_, index) => ({ name: `package/${index}`, type: '2', linkName: '/etc/passwd' }));
  const few = packageOf(...bad.slice(0, 3), { name: 'package/fine.txt', body: 'fine' });
  const report = await inspect(few);
  expect(report.violations.map(({ rule, entry }) => [rule, entry])).toEqual([['link', 'package/0'], ['link', 'package/1'], ['link', 'package/2']]);
  expect(report.files.map(({ path }) => path)).toEqual(['fine.txt', 'package.json']);
  expect(report.sha256).toEqual(sha256Of(few));
  const many = await inspect(packageOf(...bad));
  expect(many.violations).toHaveLength(maxViolations);
  expect(() => requireSound(many)).toThrow(expect.objectContaining({ code: 'BAD_ARCHIVE', details: { violations: many.violations } }));
});

test('an archive beyond the byte limit is TOO_LARGE, even one that never ends', async () => {
  const bytes = packageOfFiles({ data: bytesOf(300_000) });
  await expect(inspect(bytes, [], { maxBytes: bytes.length })).resolves.toMatchObject({ violations: [] });
  await expect(inspect(bytes, [], { maxBytes: bytes.length - 1 })).rejects.toMatchObject({ code: 'TOO_LARGE', details: { maxBytes: bytes.length - 1 } });
  let ended = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(10_000, 'x');
    } finally {
      ended = true;
    }
  }
  await expect(inspectArchive(endless(), { maxBytes: 1_000_000 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  expect(ended).toBe(true);
});

test('a bomb is not expanded further than its limit', async () => {
  const limits = { ...defaultArchiveLimits, maxUnpackedBytes: 2_000_000, maxRatio: 1e9 };
  const report = await inspectArchive(inPieces(packageOf({ name: 'package/zeros', body: Buffer.alloc(1_500_000) }, Buffer.alloc(50_000_000))), { maxBytes, limits });
  expect(report.violations.map(({ rule }) => rule)).toEqual(['too-large']);
});

test('an abort ends the reading, also of a source that hangs', async () => {
  async function* hangs(): AsyncGenerator<Uint8Array> {
    yield packageOfFiles({}).subarray(0, 20);
    await new Promise(() => undefined);
  }
  const abort = new AbortController();
  const reading = inspectArchive(hangs(), { maxBytes, signal: abort.signal });
  abort.abort();
  await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
  const late = AbortSignal.abort(Object.assign(new Error('too late'), { name: 'TimeoutError' }));
  await expect(inspect(packageOfFiles({}), [], { signal: late })).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test('what the source throws is thrown on', async () => {
  const broken = new Error('the disk is gone');
  async function* fails(): AsyncGenerator<Uint8Array> {
    yield packageOfFiles({}).subarray(0, 20);
    throw broken;
  }
  await expect(inspectArchive(fails(), { maxBytes })).rejects.toBe(broken);
});
