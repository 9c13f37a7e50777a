import { hostile, type HostileArchive } from './archive-case.ts';
import { endMarker, gnuLong, gzipOf, packageOf, paxHeader, paxRecord, tarEntry } from './raw-tar.ts';

const evil = 'evil\n';

function binarySize(value: number): Uint8Array {
  const field = new Uint8Array(12);
  field[0] = 0x80;
  new DataView(field.buffer).setUint32(8, value);
  return field;
}

function ofType(type: string): () => Uint8Array {
  return () => packageOf({ name: 'package/odd', type });
}

function extended(...headers: readonly Uint8Array[]): () => Uint8Array {
  return () => packageOf(...headers, { name: 'package/fine.txt', body: evil });
}

/** Entries that are no files. */
export const hostileKinds: readonly HostileArchive[] = [
  hostile('link', 'a symbolic link', () => packageOf({ name: 'package/link', type: '2', linkName: '../../canary.txt' })),
  hostile('link', 'a symbolic link within the package', () => packageOf({ name: 'package/link', type: '2', linkName: 'package.json' })),
  hostile('link', 'a file written through a link', () => packageOf({ name: 'package/out', type: '2', linkName: '../..' }, { name: 'package/out/escape.txt', body: evil })),
  hostile('link', 'a file written over a link', () => packageOf({ name: 'package/out', type: '2', linkName: '../../canary.txt' }, { name: 'package/out', body: evil })),
  hostile('link', 'a hard link', () => packageOf({ name: 'package/link', type: '1', linkName: '/etc/passwd' })),
  hostile('link', 'a hard link with a body', () => packageOf({ name: 'package/link', type: '1', linkName: 'package/package.json', body: evil })),
  hostile('link', 'a GNU long link target', () => packageOf(gnuLong('../../canary.txt', 'K'), { name: 'package/link', type: '2' })),
  hostile('special-file', 'a character device', ofType('3')),
  hostile('special-file', 'a block device', ofType('4')),
  hostile('special-file', 'a pipe', ofType('6')),
  hostile('special-file', 'a contiguous file', ofType('7')),
  hostile('special-file', 'a sparse file', ofType('S')),
  hostile('special-file', 'a kind that nobody knows', ofType('?')),
  hostile('special-file', 'an unknown kind that hides an entry in its body', () => packageOf({ name: 'package/odd', type: 'Z', body: tarEntry({ name: 'package/inner.txt', body: evil }) })),
];

/** Headers that are damaged. */
export const hostileHeaders: readonly HostileArchive[] = [
  hostile('bad-header', 'a wrong checksum', () => packageOf({ name: 'package/a', body: evil, checksumError: 1 })),
  hostile('bad-header', 'no tar at all inside gzip', () => gzipOf(Buffer.from('hello '.repeat(200)))),
  hostile('bad-header', 'a size that is no number', () => packageOf({ name: 'package/a', body: evil, size: Buffer.from('0000000000x\0') })),
  hostile('bad-header', 'a size in binary', () => packageOf({ name: 'package/a', body: evil, size: binarySize(5) })),
  hostile('bad-header', 'a negative size', () => packageOf({ name: 'package/a', body: evil, size: Buffer.alloc(12, 0xff) })),
  hostile('bad-header', 'an unknown format', () => packageOf({ name: 'package/a', body: evil, magic: 'evil\0\0\0\0' })),
  hostile('bad-header', 'an entry without a name', () => packageOf({ name: '', body: evil })),
  hostile('bad-header', 'an extended header without an entry', () => packageOf(paxHeader({ path: 'package/a' }))),
  hostile('bad-header', 'an extended header with a wrong length', extended(paxHeader('99 path=package/a\n'))),
  hostile('bad-header', 'an extended header with bytes after its records', extended(paxHeader(`${paxRecord('path', 'package/a')}junk`))),
  hostile('bad-header', 'an empty extended header', extended(paxHeader(''))),
  hostile('bad-header', 'an extended header of more than 64 KiB', extended(paxHeader({ comment: 'c'.repeat(65_536) })), { maxRatio: 1e9 }),
  hostile('bad-header', 'extended headers of more than 16 MiB in all', () =>
    packageOf(...Array.from({ length: 300 }, (_, index) => [paxHeader({ comment: 'c'.repeat(65_000) }), tarEntry({ name: `package/${index}` })]).flat()), { maxRatio: 1e9 }),
  hostile('bad-header', 'five extended headers for one entry', extended(...Array.from({ length: 5 }, () => paxHeader({ mtime: '1' })))),
  hostile('bad-header', 'a long name that goes on after its end', extended(gnuLong('package/a\0package/b'))),
  hostile('truncated', 'a tar stream cut inside a body', () => gzipOf(tarEntry({ name: 'package/package.json', body: 'x'.repeat(2000) }).subarray(0, 1000))),
  hostile('truncated', 'a tar stream cut inside a header', () => gzipOf(tarEntry({ name: 'package/package.json', body: '{}' }), endMarker.subarray(0, 100))),
  hostile('no-end-marker', 'a tar stream without an end marker', () => gzipOf(tarEntry({ name: 'package/package.json', body: '{}' }))),
  hostile('no-end-marker', 'a tar stream with half an end marker', () => gzipOf(tarEntry({ name: 'package/package.json', body: '{}' }), endMarker.subarray(512))),
];

/** Headers that tar programs read differently: what one program checks, another would unpack. */
export const hostileSmuggling: readonly HostileArchive[] = [
  hostile('ambiguous-header', 'a link target on a file by pax', extended(paxHeader({ linkpath: '/etc/passwd' }))),
  hostile('ambiguous-header', 'a link target on a file', () => packageOf({ name: 'package/a', body: evil, linkName: '/etc/passwd' })),
  hostile('ambiguous-header', 'another size by pax', extended(paxHeader({ size: '0' }))),
  hostile('ambiguous-header', 'an entry hidden behind a smaller size by pax', () =>
    packageOf(paxHeader({ size: '0' }), { name: 'package/a', body: Buffer.concat([tarEntry({ name: 'package/hidden.txt', body: evil }), Buffer.alloc(10)]) })),
  hostile('ambiguous-header', 'a negative size by pax', extended(paxHeader({ size: '-5' }))),
  hostile('ambiguous-header', 'a mode by pax', extended(paxHeader({ mode: '4095' }))),
  hostile('ambiguous-header', 'a sparse map by pax', extended(paxHeader({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'package/other' }))),
  hostile('ambiguous-header', 'another character set by pax', extended(paxHeader({ hdrcharset: 'BINARY', path: 'package/a' }))),
  hostile('ambiguous-header', 'a type by pax', extended(paxHeader({ type: 'SymbolicLink' }))),
  hostile('ambiguous-header', 'an empty pax path', extended(paxHeader({ path: '' }))),
  hostile('ambiguous-header', 'a pax path with NUL', extended(paxHeader({ path: 'package/a\0/../../escape.txt' }))),
  hostile('ambiguous-header', 'two pax headers with two paths', extended(paxHeader({ path: 'package/a' }), paxHeader({ path: 'package/b' }))),
  hostile('ambiguous-header', 'a pax path and a long name', extended(paxHeader({ path: 'package/a' }), gnuLong('package/b'))),
  hostile('ambiguous-header', 'a path for all entries', extended(paxHeader({ path: 'package/a' }, 'g'))),
  hostile('ambiguous-header', 'a size for all entries', extended(paxHeader({ size: '0' }, 'g'))),
  hostile('ambiguous-header', 'a path hidden in a comment', extended(paxHeader({ comment: `x\n${paxRecord('path', 'package/hidden.txt')}` }))),
  hostile('ambiguous-header', 'a folder with a body', () => packageOf({ name: 'package/a/', type: '5', body: tarEntry({ name: 'package/hidden.txt', body: evil }) })),
  hostile('trailing-data', 'a second archive behind the end marker', () => gzipOf(tarEntry({ name: 'package/package.json', body: '{}' }), endMarker, tarEntry({ name: 'package/hidden.txt', body: evil }), endMarker)),
  hostile('trailing-data', 'entries behind one block of zeros', () => gzipOf(tarEntry({ name: 'package/package.json', body: '{}' }), endMarker.subarray(512), tarEntry({ name: 'package/hidden.txt', body: evil }), endMarker)),
  hostile('trailing-data', 'a byte far behind the end marker', () => packageOf(endMarker, Buffer.alloc(100_000), Buffer.from([1]))),
];
