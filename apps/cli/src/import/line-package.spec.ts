import { expect, test } from '@jest/globals';
import { readLine, readmeOf } from './line-package.ts';

const read = (value: unknown): ReturnType<typeof readLine> => readLine(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

const whole = {
  name: 'gimp', version: '2.10.34', description: 'GNU Image Manipulation Program', keywords: ['graphics', 'editor'], author: 'Debian GNOME Maintainers',
  homepage: 'https://www.gimp.org/', dependencies: { libc6: '>=2.36.0' }, license: 'GPL-3.0', kind: 'template', updated: '2024-05-31T12:00:00Z', downloads: 12, stars: 3,
};

test('every field of a line is a field of package.json, the kind where npm programs look past it', () => {
  const one = read(whole);
  const { kind, ...others } = whole;
  expect(JSON.parse(one.packageJson)).toEqual({ ...others, souk: { kind } });
  expect(one).toMatchObject({ name: 'gimp', version: '2.10.34', kind: 'template', namedKind: 'template', updated: Date.UTC(2024, 4, 31, 12), manifest: { license: 'GPL-3.0', dependencies: { libc6: '>=2.36.0' } } });
});

test('only name and version are needed; null means absent', () => {
  const one = read({ name: 'a', version: '1.0.0', kind: null, updated: null, stars: null, downloads: null });
  expect(one).toMatchObject({ name: 'a', kind: 'package', manifest: {} });
  expect(one.updated).toBeUndefined();
  expect(one.namedKind).toBeUndefined();
});

test('the README says what the line says', () => {
  expect(readmeOf(read(whole))).toBe('# gimp\n\nGNU Image Manipulation Program\n\n- Homepage: https://www.gimp.org/\n- Author: Debian GNOME Maintainers\n- License: GPL-3.0\n- Keywords: graphics, editor\n');
  expect(readmeOf(read({ name: 'a', version: '1.0.0' }))).toBe('# a\n');
});

test.each([
  ['no JSON', '{', 'BAD_JSON'],
  ['a key twice', '{"name":"a","name":"b","version":"1.0.0"}', 'BAD_JSON'],
  ['a prototype key', '{"name":"a","version":"1.0.0","__proto__":{}}', 'BAD_JSON'],
  ['a list', '[]', 'BAD_MANIFEST'],
  ['null', 'null', 'BAD_MANIFEST'],
  ['no version', { name: 'a' }, 'BAD_MANIFEST'],
  ['a wrong name', { name: 'A B', version: '1.0.0' }, 'BAD_MANIFEST'],
  ['a wrong version', { name: 'a', version: '1' }, 'BAD_MANIFEST'],
  ['a wrong kind', { name: 'a', version: '1.0.0', kind: 'app' }, 'BAD_MANIFEST'],
  ['a date that is none', { name: 'a', version: '1.0.0', updated: 'yesterday' }, 'BAD_MANIFEST'],
  ['a date before 1970', { name: 'a', version: '1.0.0', updated: -1 }, 'BAD_MANIFEST'],
  ['downloads that are no number', { name: 'a', version: '1.0.0', downloads: '12' }, 'BAD_MANIFEST'],
  ['stars below 0', { name: 'a', version: '1.0.0', stars: -1 }, 'BAD_MANIFEST'],
])('%s is refused', (_what, line, code) => {
  expect(() => read(line)).toThrow(expect.objectContaining({ code }));
});
