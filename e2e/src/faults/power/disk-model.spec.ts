import { expect, test } from '@jest/globals';
import type { Change } from '../interposer/journal.ts';
import { DiskModel, type Luck } from './disk-model.ts';

const unlucky: Luck = { isWritten: () => false, namings: () => 0 };
const lucky: Luck = { isWritten: () => true, namings: (pending) => pending };
const made: Change = { kind: 'create', inode: 1n, path: 'drafts/x' };
const written = (text: string, at = 0): Change => ({ kind: 'write', inode: 1n, at, bytes: Buffer.from(text) });
const flushed: Change[] = [{ kind: 'sync begin', inode: 1n, id: 'a' }, { kind: 'sync end', inode: 1n, id: 'a' }];
const folder = (path: string): Change[] => [{ kind: 'folder begin', path, id: path }, { kind: 'folder end', path, id: path }];
const renamed: Change = { kind: 'rename', from: 'drafts/x', to: 'blobs/x' };

function after(luck: Luck, ...changes: Change[]): Record<string, string | null> {
  const disk = new DiskModel([{ path: 'drafts' }, { path: 'blobs' }]);
  disk.take(changes);
  return Object.fromEntries([...disk.afterPowerCut(luck)].filter(([path]) => path.includes('/')).map(([path, bytes]) => [path, bytes && bytes.toString()]));
}

test('what is flushed lasts: bytes by their file, names by their folder', () => {
  expect(after(unlucky, made, written('abc'), ...flushed, renamed, ...folder('blobs'))).toEqual({ 'blobs/x': 'abc' });
});

test.each<[what: string, changes: Change[], left: Record<string, string>]>([
  ['bytes that were not flushed', [made, written('abc'), renamed, ...folder('blobs')], { 'blobs/x': '' }],
  ['bytes written after the flush began', [made, written('abc'), { kind: 'sync begin', inode: 1n, id: 'a' }, written('d', 3), { kind: 'sync end', inode: 1n, id: 'a' }, renamed, ...folder('blobs')], { 'blobs/x': 'abc' }],
  ['a flush that did not end', [made, written('abc'), { kind: 'sync begin', inode: 1n, id: 'a' }, renamed, ...folder('blobs')], { 'blobs/x': '' }],
  ['a name whose folder was not flushed', [made, written('abc'), ...flushed, renamed], {}],
  ['a file in a folder whose own name was not flushed', [{ kind: 'mkdir', path: 'blobs/q' }, { kind: 'create', inode: 1n, path: 'blobs/q/x' }, ...flushed, ...folder('blobs/q')], {}],
])('a power cut takes %s', (_what, changes, left) => {
  expect(after(unlucky, ...changes)).toEqual(left);
});

test('a file that was renamed durably does not come back under its old name', () => {
  expect(after(unlucky, made, ...flushed, renamed, ...folder('blobs'), ...folder('drafts'))).toEqual({ 'blobs/x': '' });
});

test('with luck everything is there, as the process saw it', () => {
  const changes = [made, written('abc'), written('X', 1), { kind: 'truncate', inode: 1n, size: 2 } as const, renamed];
  expect(after(lucky, ...changes)).toEqual({ 'blobs/x': 'aX' });
});

test('what one process left unflushed is still at risk under the next one', () => {
  const disk = new DiskModel([{ path: 'drafts' }]);
  disk.take([made, written('abc'), { kind: 'sync begin', inode: 1n, id: 'a' }]);
  disk.take([{ kind: 'sync end', inode: 1n, id: 'a' }, ...folder('drafts')]);
  expect(disk.current().get('drafts/x')?.toString()).toBe('abc');
  expect(disk.afterPowerCut(unlucky).get('drafts/x')?.toString()).toBe('');
});
