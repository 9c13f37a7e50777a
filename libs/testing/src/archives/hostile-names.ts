import { hostile, type HostileArchive } from './archive-case.ts';
import { gnuLong, paxHeader, packageOf, tarEntry } from './raw-tar.ts';

const evil = 'evil\n';

function named(name: string | Uint8Array): () => Uint8Array {
  return () => packageOf({ name, body: evil });
}

function both(...names: readonly string[]): () => Uint8Array {
  return () => packageOf(...names.map((name) => ({ name, body: evil })));
}

const longPart = 'a'.repeat(256);
const longPath = `package/${'abcdefghi/'.repeat(25)}${'b'.repeat(200)}/${'c'.repeat(200)}/${'d'.repeat(200)}/${'e'.repeat(200)}`;

/** Names that leave the folder, or that systems read differently. */
export const hostileNames: readonly HostileArchive[] = [
  hostile('traversal', 'a name that climbs out of the root', named('package/../../escape.txt')),
  hostile('traversal', 'a name that climbs within the root', named('package/a/../b.txt')),
  hostile('traversal', 'a name that is the parent folder', () => packageOf({ name: 'package/..', type: '5' })),
  hostile('traversal', 'a parent folder with a space that Windows drops', named('package/.. /escape.txt')),
  hostile('traversal', 'a root that is the parent folder', named('../escape.txt')),
  hostile('traversal', 'a pax path that climbs', () => packageOf(paxHeader({ path: 'package/../../escape.txt' }), { name: 'package/fine.txt', body: evil })),
  hostile('traversal', 'a GNU long name that climbs', () => packageOf(gnuLong('package/../../escape.txt'), { name: 'package/fine.txt', body: evil })),
  hostile('traversal', 'a ustar prefix that climbs', () => packageOf({ name: 'escape.txt', prefix: 'package/../..', body: evil })),
  hostile('absolute-path', 'a name from the root of the file system', named('/tmp/escape.txt')),
  hostile('absolute-path', 'a name with two slashes in front', named('//server/share/escape.txt')),
  hostile('absolute-path', 'a name with a drive', named('C:/escape.txt')),
  hostile('absolute-path', 'a name with a drive behind the root', named('package/C:/escape.txt')),
  hostile('absolute-path', 'a name with a relative drive', named('package/c:escape.txt')),
  hostile('unclean-path', 'a name with a dot in front', named('./package/a.txt')),
  hostile('unclean-path', 'a name with an empty part', named('package//a.txt')),
  hostile('unclean-path', 'a name with a dot part', named('package/./a.txt')),
  hostile('unclean-path', 'a file with a slash at its end', () => packageOf({ name: 'package/a.txt/' })),
  hostile('ambiguous-header', 'a file with a slash at its end and a body', named('package/a.txt/')),
  hostile('backslash', 'a name that climbs by backslashes', named('package/..\\..\\escape.txt')),
  hostile('control-character', 'a name with a line break', named('package/a\nb.txt')),
  hostile('control-character', 'a name with an escape sequence', named('package/\u001b[2Jb.txt')),
  hostile('control-character', 'a name with a delete character', named('package/a\u007f.txt')),
  hostile('control-character', 'a name with a C1 control', named('package/a\u0085.txt')),
  hostile('control-character', 'a name whose direction is turned', named('package/a\u202etxt.js')),
  hostile('bad-encoding', 'a name in Latin-1', named(Buffer.from('package/caf\u00e9.txt', 'latin1'))),
  hostile('bad-encoding', 'a name with an overlong slash', named(Buffer.from([...Buffer.from('package/..'), 0xc0, 0xaf, ...Buffer.from('x')]))),
  hostile('not-nfc', 'a decomposed name', named('package/cafe\u0301.txt')),
  hostile('name-too-long', 'a part of 256 bytes', () => packageOf(paxHeader({ path: `package/${longPart}` }), { name: 'package/a', body: evil })),
  hostile('path-too-long', 'a path of more than 1,024 bytes', () => packageOf(paxHeader({ path: longPath }), { name: 'package/a', body: evil })),
  hostile('too-deep', '33 parts', named(`package/${'a/'.repeat(31)}b`)),
  hostile('reserved-name', 'a device of Windows', named('package/CON')),
  hostile('reserved-name', 'a device of Windows with an extension', named('package/lib/nul.js')),
  hostile('reserved-name', 'a device of Windows as a folder', named('package/com1/a.js')),
  hostile('git-folder', 'a git hook', () => packageOf({ name: 'package/.git/hooks/pre-commit', body: '#!/bin/sh\n', mode: 0o755 })),
  hostile('git-folder', 'git settings in other letters', named('package/.GIT/config')),
  hostile('git-folder', 'a git folder with a character that HFS+ ignores', named('package/.g\u200cit/config')),
  hostile('git-folder', 'the short name of a git folder', named('package/git~1/config')),
  hostile('git-folder', 'a git folder with a dot that Windows drops', named('package/.git./config')),
  hostile('git-folder', 'a file that points to another git folder', named('package/sub/.git')),
];

/** Names that are one file on some systems, and names of the root. */
export const hostileCollisions: readonly HostileArchive[] = [
  hostile('duplicate-name', 'two files of one name', both('package/a.txt', 'package/a.txt')),
  hostile('duplicate-name', 'a second manifest', () => packageOf({ name: 'package/package.json', body: '{"name":"other","version":"9.9.9"}' })),
  hostile('case-collision', 'two files that differ in case', both('package/a.txt', 'package/A.txt')),
  hostile('case-collision', 'a second manifest in other letters', both('package/Package.JSON')),
  hostile('case-collision', 'two folders that differ in case', both('package/lib/a.txt', 'package/Lib/b.txt')),
  hostile('case-collision', 'a sharp s and its capital form', both('package/stra\u00dfe', 'package/STRASSE')),
  hostile('case-collision', 'a long s and an s', both('package/s', 'package/\u017f')),
  hostile('not-nfc', 'a Kelvin sign and a k', both('package/k', 'package/\u212a')),
  hostile('case-collision', 'two files that differ in a dot at the end', both('package/a', 'package/a.')),
  hostile('case-collision', 'two files that differ in a space at the end', both('package/a', 'package/a ')),
  hostile('file-and-folder', 'a file that becomes a folder', both('package/a', 'package/a/b')),
  hostile('file-and-folder', 'a folder that becomes a file', both('package/a/b', 'package/a')),
  hostile('file-and-folder', 'a folder entry that becomes a file', () => packageOf({ name: 'package/a/', type: '5' }, { name: 'package/a', body: evil })),
  hostile('several-roots', 'a second root folder', named('other/a.txt')),
  hostile('several-roots', 'a root folder in other letters', named('Package/a.txt')),
  hostile('no-root', 'a file outside the root folder', named('a.txt')),
  hostile('no-root', 'a file that replaces the root folder', () => packageOf(tarEntry({ name: 'package', body: evil }))),
];
