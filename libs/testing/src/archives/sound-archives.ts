import { gzipSync } from 'node:zlib';
import { endMarker, gnuLong, gzipOf, manifestEntry, packageOf, packageOfFiles, paxHeader, tarEntry } from './raw-tar.ts';

/** One archive that must be accepted, and the files it has beside the manifest. */
export interface SoundArchive {
  /** How it is special, as the end of "accepts ...". */
  readonly name: string;
  readonly bytes: () => Uint8Array;
  readonly files: readonly string[];
}

function sound(name: string, files: readonly string[], bytes: () => Uint8Array): SoundArchive {
  return { name, files, bytes };
}

const long = `${'long-folder-name/'.repeat(8)}file.txt`;
const body = 'content\n';

function gzipWithName(tar: Uint8Array): Buffer {
  const plain = gzipSync(tar);
  const flagged = Buffer.from(plain.subarray(0, 10));
  flagged[3] = 0x0c;
  const extra = Buffer.from([4, 0, 1, 2, 3, 4]);
  return Buffer.concat([flagged, extra, Buffer.from('package.tar\0'), plain.subarray(10)]);
}

/** What honest programs write, although npm itself would not. */
export const soundArchives: readonly SoundArchive[] = [
  sound('what npm writes', ['a.txt'], () => packageOfFiles({ 'a.txt': body })),
  sound('a root folder of another name', ['a.txt'], () => gzipOf(tarEntry({ name: 'node/package.json', body: '{}' }), tarEntry({ name: 'node/a.txt', body }), endMarker)),
  sound('folder entries, also twice', ['lib/a.txt'], () =>
    packageOf({ name: 'package/', type: '5' }, { name: 'package/lib/', type: '5' }, { name: 'package/lib', type: '5' }, { name: 'package/lib/a.txt', body })),
  sound('a long name by pax', [long], () => packageOf(paxHeader({ path: `package/${long}` }), { name: 'package/long', body })),
  sound('a long name by GNU', [long], () => packageOf(gnuLong(`package/${long}`), { name: 'package/long', body, magic: 'ustar  \0' })),
  sound('a long name by ustar prefix', ['b/a.txt'], () => packageOf({ name: 'a.txt', prefix: 'package/b', body })),
  sound('two pax headers for one file', ['a.txt'], () => packageOf(paxHeader({ mtime: '499162500.5', uid: '1000' }), paxHeader({ path: 'package/a.txt', size: String(body.length) }), { name: 'package/cut', body })),
  sound('attributes that macOS adds', ['a.txt'], () => packageOf(paxHeader({ 'LIBARCHIVE.xattr.com.apple.provenance': 'AQAA', 'SCHILY.xattr.com.apple.provenance': '\u0001\u0002' }), { name: 'package/a.txt', body })),
  sound("git's comment for all entries", ['a.txt'], () => gzipOf(paxHeader({ comment: 'd'.repeat(40) }, 'g'), manifestEntry, tarEntry({ name: 'package/a.txt', body }), endMarker)),
  sound('the tar of Unix v7', ['a.txt'], () => packageOf({ name: 'package/a.txt', body, type: '\0', magic: '\0\0\0\0\0\0\0\0' })),
  sound('names in many scripts', ['\u65e5\u672c\u8a9e.txt', 'caf\u00e9.txt', '\u{1f600}.txt'], () => packageOfFiles({ '\u65e5\u672c\u8a9e.txt': body, 'caf\u00e9.txt': body, '\u{1f600}.txt': body })),
  sound('names that are only odd', ['.gitignore', '.github/x.yml', 'a b.txt', 'console.js', '~', '-rf', '$HOME', '%2e%2e'], () =>
    packageOfFiles({ '.gitignore': body, '.github/x.yml': body, 'a b.txt': body, 'console.js': body, '~': body, '-rf': body, $HOME: body, '%2e%2e': body })),
  sound('empty files and files of whole blocks', ['empty', 'whole'], () => packageOfFiles({ empty: '', whole: Buffer.alloc(1024, 'w') })),
  sound('zeros up to a record of 10 KiB', ['a.txt'], () => packageOf({ name: 'package/a.txt', body }, Buffer.alloc(10_240))),
  sound('a gzip header with a name and an extra field', ['a.txt'], () => gzipWithName(Buffer.concat([manifestEntry, tarEntry({ name: 'package/a.txt', body }), endMarker]))),
  sound('a gzip file without compression', ['a.txt'], () => gzipSync(Buffer.concat([manifestEntry, tarEntry({ name: 'package/a.txt', body }), endMarker]), { level: 0 })),
];
