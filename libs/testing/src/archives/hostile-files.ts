import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { hostile, type HostileArchive } from './archive-case.ts';
import { endMarker, gzipOf, manifestEntry, packageOf, packageOfFiles, tarEntry } from './raw-tar.ts';

function sound(): Buffer {
  return packageOfFiles({ 'index.js': 'export const answer = 42;\n'.repeat(50) });
}

function plainTar(): Buffer {
  return Buffer.concat([manifestEntry, endMarker]);
}

function changed(bytes: Buffer, at: number, xor: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] as number) ^ xor;
  return copy;
}

/** Files that are not one whole gzip member. */
export const hostileGzip: readonly HostileArchive[] = [
  hostile('not-gzip', 'an empty file', () => new Uint8Array(0)),
  hostile('not-gzip', 'one byte', () => Uint8Array.of(0x1e)),
  hostile('not-gzip', 'text', () => Buffer.from('<html>Not found</html>')),
  hostile('not-gzip', 'a bare tar', plainTar),
  hostile('not-gzip', 'brotli', () => brotliCompressSync(plainTar())),
  hostile('not-gzip', 'zstd', () => zstdCompressSync(plainTar())),
  hostile('not-gzip', 'zlib', () => deflateSync(plainTar())),
  hostile('not-gzip', 'a zip', () => Buffer.from('PK\u0003\u0004 and so on')),
  hostile('not-gzip', 'a gzip flag that does not exist', () => changed(sound(), 3, 0x80)),
  hostile('not-gzip', 'a gzip method that does not exist', () => changed(sound(), 2, 1)),
  hostile('bad-header', 'gzip inside gzip', () => gzipSync(gzipSync(plainTar(), { level: 0 }))),
  hostile('bad-gzip', 'a wrong checksum of the content', () => changed(sound(), -8, 1)),
  hostile('bad-gzip', 'a wrong length of the content', () => changed(sound(), -4, 1)),
  hostile('bad-gzip', 'damaged compressed data', () => changed(sound(), 10, 0x06)),
  hostile('truncated', 'a file cut in the gzip header', () => sound().subarray(0, 5)),
  hostile('truncated', 'a file cut after the gzip header', () => sound().subarray(0, 10)),
  hostile('truncated', 'a file cut in the middle', () => sound().subarray(0, sound().length / 2)),
  hostile('truncated', 'a file cut in the trailer', () => sound().subarray(0, -3)),
  hostile('truncated', 'a file without its trailer', () => sound().subarray(0, -8)),
  hostile('trailing-data', 'a second gzip member', () => Buffer.concat([sound(), gzipOf(tarEntry({ name: 'package/hidden.txt', body: 'evil' }), endMarker)])),
  hostile('trailing-data', 'an empty second gzip member', () => Buffer.concat([sound(), gzipSync('')])),
  hostile('trailing-data', 'zeros after the gzip member', () => Buffer.concat([sound(), Buffer.alloc(16)])),
  hostile('trailing-data', 'a script after the gzip member', () => Buffer.concat([sound(), Buffer.from('#!/bin/sh\n')])),
];

/** Archives that are too large, or not packages. */
export const hostileSizes: readonly HostileArchive[] = [
  hostile('ratio', 'a bomb of zeros, 984 to 1', () => packageOf({ name: 'package/zeros', body: Buffer.alloc(20_000_000) })),
  hostile('ratio', 'a bomb behind the end marker', () => packageOf(endMarker, Buffer.alloc(20_000_000))),
  hostile('too-large', 'more unpacked bytes than allowed', () => packageOf({ name: 'package/a', body: Buffer.alloc(100_000, 'abc') }), { maxUnpackedBytes: 90_000 }),
  hostile('too-large', 'a claim of eight gigabytes', () => packageOf({ name: 'package/a', body: 'small', size: 8_589_934_591 })),
  hostile('too-large', 'many zeros behind the end marker', () => packageOf(Buffer.alloc(200_000)), { maxUnpackedBytes: 90_000 }),
  hostile('too-many-entries', 'one entry more than allowed', () => packageOf(...Array.from({ length: 10 }, (_, index) => ({ name: `package/${index}` }))), { maxEntries: 10 }),
  hostile('too-many-entries', 'one folder named again and again', () => packageOf(...Array.from({ length: 10 }, () => ({ name: 'package/a/', type: '5' }))), { maxEntries: 10 }),
  hostile('too-many-entries', 'a few files in very many folders', () =>
    packageOf(...Array.from({ length: 9 }, (_, index) => ({ name: `package/${`${index}/`.repeat(25)}a` }))), { maxEntries: 100 }),
  hostile('manifest-too-large', 'a manifest of more than a MiB', () => gzipOf(tarEntry({ name: 'package/package.json', body: ' '.repeat(1_048_577) }), endMarker), { maxRatio: 1e9 }),
  hostile('no-manifest', 'no manifest', () => gzipOf(tarEntry({ name: 'package/index.js', body: '1' }), endMarker)),
  hostile('no-manifest', 'a manifest deeper down only', () => gzipOf(tarEntry({ name: 'package/lib/package.json', body: '{}' }), endMarker)),
  hostile('no-manifest', 'a manifest in other letters only', () => gzipOf(tarEntry({ name: 'package/PACKAGE.json', body: '{}' }), endMarker)),
  hostile('no-manifest', 'a manifest that is a folder', () => gzipOf(tarEntry({ name: 'package/package.json/', type: '5' }), endMarker)),
  hostile('no-manifest', 'no entries', () => gzipOf(endMarker)),
];
