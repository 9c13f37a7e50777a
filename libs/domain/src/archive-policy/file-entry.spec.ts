import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { createHash } from 'node:crypto';
import { diffFiles, FileEntry, reduceMode, treeHash } from './index.ts';

function entry(path: string, content = '', mode: FileEntry['mode'] = 0o644): FileEntry {
  return { path, mode, size: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

test('the tree hash is what it was in version 1', () => {
  expect(treeHash([entry('package.json', '{}'), entry('bin/run', '#!/bin/sh\n', 0o755)])).toBe('7b3d5016ae8c73429cb2d01b1477429eb4af46cc6dfabe7f1f8d538991d4dc44');
  // neither a locale's order nor that of UTF-16: Z, a, \u00e9, \uff5e, \u{1f600}
  expect(treeHash(['a', 'Z', '\u00e9', '\u{1f600}', '\uff5e'].map((path) => entry(path)))).toBe('d2f6b47a1e53087bda0c16f2b3ec610660addf765e9ca676791b9ea14559a1a1');
  expect(treeHash([])).toBe(createHash('sha256').update(Buffer.from([0x80])).digest('hex'));
});

test('the tree hash depends on paths, modes and contents, and on no order', () => {
  const files = [entry('b', '1'), entry('a', '2'), entry('\u00e9', '3'), entry('Z', '4')];
  const tree = treeHash(files);
  fc.assert(fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (shuffled) => treeHash(shuffled) === tree));
  expect(treeHash(files.slice(1))).not.toBe(tree);
  expect(treeHash([entry('b', '1', 0o755), ...files.slice(1)])).not.toBe(tree);
  expect(treeHash([entry('c', '1'), ...files.slice(1)])).not.toBe(tree);
  expect(treeHash([entry('b', 'x'), ...files.slice(1)])).not.toBe(tree);
});

test('a difference names what was added, removed and changed, in byte order', () => {
  const before = [entry('same'), entry('gone'), entry('text', 'old'), entry('run')];
  const after = [entry('same'), entry('text', 'new'), entry('run', '', 0o755), entry('new'), entry('Added')];
  expect(diffFiles(before, after)).toEqual({ added: ['Added', 'new'], removed: ['gone'], changed: ['run', 'text'] });
  expect(diffFiles(before, before)).toEqual({ added: [], removed: [], changed: [] });
});

test('any execute bit makes a file executable and nothing else survives', () => {
  expect([0o644, 0o600, 0o4644, 0o777, 0o4711, 0o010, 0].map(reduceMode)).toEqual([0o644, 0o644, 0o644, 0o755, 0o755, 0o755, 0o644]);
});
