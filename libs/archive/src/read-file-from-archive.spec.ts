import { expect, test } from '@jest/globals';
import { packageOf, packageOfFiles } from '@souk/testing/archives';
import { bytesOf } from '@souk/testing/conformance';
import { readFileFromArchive } from './index.ts';

const options = { maxBytes: 10_000_000, maxFileBytes: 1_000_000 };

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 30_000) yield bytes.subarray(at, at + 30_000);
}

test('reads one file, whole, however large, deep or empty', async () => {
  const data = bytesOf(300_000);
  const archive = packageOfFiles({ 'lib/data.bin': data, 'lib/empty': '', last: 'end' });
  expect(await readFileFromArchive(pieces(archive), 'lib/data.bin', options)).toEqual(data);
  expect(await readFileFromArchive(pieces(archive), 'lib/empty', options)).toEqual(new Uint8Array(0));
  expect(Buffer.from(await readFileFromArchive(pieces(archive), 'last', options)).toString()).toBe('end');
});

test('reads no further than the file', async () => {
  const archive = packageOfFiles({ first: '1', data: bytesOf(1_000_000) });
  let ended = false;
  async function* watched(): AsyncGenerator<Uint8Array> {
    yield* pieces(archive);
    ended = true;
  }
  expect(Buffer.from(await readFileFromArchive(watched(), 'first', options)).toString()).toBe('1');
  expect(ended).toBe(false);
});

test('says what it cannot read', async () => {
  const archive = packageOfFiles({ large: bytesOf(2000) });
  for (const path of ['nothing', 'package/large', '../large', './large', '']) {
    await expect(readFileFromArchive(pieces(archive), path, options)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
  await expect(readFileFromArchive(pieces(archive), 'large', { ...options, maxFileBytes: 1999 })).rejects.toMatchObject({ code: 'TOO_LARGE', details: { size: 2000, maxBytes: 1999 } });
});

test('reads nothing behind what breaks the policy', async () => {
  const archive = packageOf({ name: 'package/link', type: '2', linkName: '/' }, { name: 'package/after', body: 'x' });
  await expect(readFileFromArchive(pieces(archive), 'after', options)).rejects.toMatchObject({ code: 'BAD_ARCHIVE' });
});
