import { expect, test } from '@jest/globals';
import { ArchivePolicy, defaultArchiveLimits, pathViolations, stopsReading, type EntryHeader } from './index.ts';

function file(path: string, more: Partial<EntryHeader> = {}): EntryHeader {
  return { path, pathIsUtf8: true, type: 'file', mode: 0o644, size: 1, ...more };
}

function rulesOf(...headers: readonly EntryHeader[]): string[] {
  const policy = new ArchivePolicy();
  return [...headers.flatMap((header) => policy.entry(header).violations), ...policy.finish()].map(({ rule }) => rule);
}

const manifest = file('package/package.json');

test('a sound package passes, its root is stripped and its modes are reduced', () => {
  const policy = new ArchivePolicy();
  expect(policy.entry(file('node/', { type: 'folder', size: 0 }))).toEqual({ violations: [], path: '', mode: 0o644 });
  expect(policy.entry(file('node/package.json'))).toEqual({ violations: [], path: 'package.json', mode: 0o644 });
  expect(policy.entry(file('node/bin/run', { mode: 0o6711 }))).toEqual({ violations: [], path: 'bin/run', mode: 0o755 });
  expect(policy.entry(file('node/secret', { mode: 0o600 }))).toEqual({ violations: [], path: 'secret', mode: 0o644 });
  expect(policy.root).toBe('node');
  expect(policy.finish()).toEqual([]);
});

test('all rules that one entry breaks are told, each once', () => {
  expect(rulesOf(manifest, file('/package/../\u0007\\../.git/CON', { type: 'link' })).sort()).toEqual(
    ['absolute-path', 'backslash', 'control-character', 'git-folder', 'link', 'reserved-name', 'traversal'].sort(),
  );
});

test('a refused entry has no path, so nothing can be written by mistake', () => {
  const verdict = new ArchivePolicy().entry(file('package/../../etc/passwd'));
  expect(verdict.path).toBe('');
  expect(verdict.violations).toEqual([{ rule: 'traversal', entry: 'package/../../etc/passwd', message: expect.any(String) }]);
});

test('names are counted in bytes, not characters', () => {
  const part = '\u65e5'.repeat(85);
  expect(pathViolations(`package/${part}`, defaultArchiveLimits)).toEqual([]);
  expect(pathViolations(`package/${part}a`, defaultArchiveLimits).map(({ rule }) => rule)).toEqual(['name-too-long']);
});

test('limits hold at their edge', () => {
  const limits = { ...defaultArchiveLimits, maxPathBytes: 20, maxDepth: 3, maxEntries: 2, maxManifestBytes: 10 };
  expect(pathViolations('package/a/b', limits)).toEqual([]);
  expect(pathViolations('package/a/b/c', limits).map(({ rule }) => rule)).toEqual(['too-deep']);
  expect(pathViolations('package/123456789012', limits)).toEqual([]);
  expect(pathViolations('package/1234567890123', limits).map(({ rule }) => rule)).toEqual(['path-too-long']);
  const policy = new ArchivePolicy(limits);
  expect(policy.entry(file('p/package.json', { size: 10 })).violations).toEqual([]);
  expect(policy.entry(file('p/a')).violations).toEqual([]);
  expect(policy.entry(file('p/b')).violations.map(({ rule }) => rule)).toEqual(['too-many-entries']);
});

test('growth is judged by bytes and by ratio, and small archives may compress as they like', () => {
  const policy = new ArchivePolicy();
  expect(policy.progress(1_048_576, 10)).toBeUndefined();
  expect(policy.progress(1_048_577, 10)?.rule).toBe('ratio');
  expect(policy.progress(2_000_000, 20_000)).toBeUndefined();
  expect(policy.progress(2_000_001, 20_000)?.rule).toBe('ratio');
  expect(policy.progress(536_870_913, 500_000_000)?.rule).toBe('too-large');
});

test('a folder that follows from a file name collides as a folder entry does', () => {
  expect(rulesOf(manifest, file('package/a/b/c'), file('package/a/B'))).toEqual(['case-collision']);
  expect(rulesOf(manifest, file('package/a/b/c'), file('package/a/b'))).toEqual(['file-and-folder']);
  expect(rulesOf(manifest, file('package/a'), file('package/a/b'))).toEqual(['file-and-folder']);
  expect(rulesOf(manifest, file('package/a/b'), file('package/a/c'), file('package/a', { type: 'folder' }))).toEqual([]);
});

test('an entry that collided does not count as there', () => {
  expect(rulesOf(manifest, file('package/a'), file('package/A/b'), file('package/c/A'), file('package/c/b'))).toEqual(['case-collision']);
});

test('the names of a package in Turkish, Greek and German collide by simple and full case folding alike', () => {
  expect(rulesOf(manifest, file('package/\u03c3'), file('package/\u03c2'))).toEqual(['case-collision']);
  expect(rulesOf(manifest, file('package/\ufb01'), file('package/FI'))).toEqual(['case-collision']);
  expect(rulesOf(manifest, file('package/i'), file('package/\u0131'))).toEqual(['case-collision']);
});

test('a long name is cut where it is shown', () => {
  const [violation] = new ArchivePolicy().entry(file(`package/${'x'.repeat(5000)}`)).violations;
  expect(violation?.entry).toHaveLength(257);
});

test('reading goes on after a bad name and stops after a bad stream', () => {
  expect(stopsReading('traversal')).toBe(false);
  expect(stopsReading('ratio')).toBe(true);
});
