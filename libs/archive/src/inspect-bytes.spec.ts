import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { gzipSync } from 'node:zlib';
import { defaultArchiveLimits } from '@souk/domain';
import { endMarker, hostileArchives, manifestEntry, packageOfFiles, soundArchives, tarEntry } from '@souk/testing/archives';
import { bytesOf } from '@souk/testing/conformance';
import { gunzipAtOnce } from './gunzip-at-once.ts';
import { inspectArchive, inspectBytes, type ReadOptions } from './index.ts';

const maxBytes = 100_000_000;

async function expectSame(bytes: Uint8Array, options: ReadOptions = { maxBytes }): Promise<void> {
  const streamed = inspectArchive((async function* () { yield bytes; })(), options);
  expect(await inspectBytes(bytes, options)).toEqual(await streamed);
}

for (const { name, bytes } of soundArchives) test(`reports ${name} as a stream does`, () => expectSame(bytes()));

for (const { name, bytes, limits } of hostileArchives) test(`reports ${name} as a stream does`, () => expectSame(bytes(), { maxBytes, limits: { ...defaultArchiveLimits, ...limits } }));

test('reports archives of every size around its own limits as a stream does', async () => {
  const packed = (length: number, level: number): Buffer => gzipSync(Buffer.concat([manifestEntry, tarEntry({ name: 'package/data', body: level === 0 ? bytesOf(length) : Buffer.alloc(length, 'a') }), endMarker]), { level });
  for (const size of [60_000, 62_450, 63_960, 64_000, 65_536, 70_000]) await expectSame(packed(size, 0));
  for (const size of [1_045_000, 1_046_528, 1_047_040, 1_048_576, 3_000_000]) await expectSame(packed(size, 9));
});

test('reports changed bytes as a stream does', async () => {
  const base = packageOfFiles({ 'lib/a.js': 'export const a = 1;\n'.repeat(20), 'README.md': '# Read me\n' });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { minLength: 1, maxLength: 3 }), fc.nat(base.length), async (changes, length) => {
      const bytes = Buffer.from(base);
      for (const { at, value } of changes) bytes[at % bytes.length] = value;
      await expectSame(bytes);
      await expectSame(base.subarray(0, length));
    }),
    { numRuns: 150 },
  );
});

test('beyond the most bytes it is TOO_LARGE', async () => {
  const bytes = packageOfFiles({});
  await expect(inspectBytes(bytes, { maxBytes: bytes.length - 1 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
});

test('only one whole gzip member is read at once', () => {
  const whole = gzipSync('content');
  expect(gunzipAtOnce(whole, 7)).toEqual(Buffer.from('content'));
  expect(gunzipAtOnce(whole, 6)).toBeUndefined();
  expect(gunzipAtOnce(whole.subarray(0, -1), 7)).toBeUndefined();
  expect(gunzipAtOnce(Buffer.concat([whole, Buffer.alloc(1)]), 7)).toBeUndefined();
  expect(gunzipAtOnce(Buffer.concat([whole, whole]), 100)).toBeUndefined();
  for (const at of [whole.length - 8, whole.length - 4]) {
    const wrong = Buffer.from(whole);
    wrong[at] = (wrong[at] ?? 0) ^ 1;
    expect(gunzipAtOnce(wrong, 7)).toBeUndefined();
  }
});
