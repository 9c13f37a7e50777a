import { expect, test } from '@jest/globals';
import { closureCopy } from './closure-copy.ts';
import type { ClosureSource } from './closure-source.ts';

const source: ClosureSource = {
  label: 'two packages',
  packages: [
    { packageJson: { name: 'one', version: '4.1.2', dependencies: { two: '^2.0.0' } }, files: { 'index.js': Buffer.from('one\n') } },
    { packageJson: { name: 'two', version: '2.0.1' }, files: { 'lib/index.js': Buffer.from('two\n') } },
  ],
};

test('a copy has names of its own, also where its packages require each other, and the same files beside package.json', async () => {
  const { dependencies, packages } = await closureCopy(source, '7');
  expect(dependencies).toEqual({ 'one-7': '^4.1.2' });
  expect(packages.map(({ name, version, manifest, report }) => ({ name, version, requires: manifest.dependencies ?? {}, files: report.files.map(({ path }) => path) }))).toEqual([
    { name: 'one-7', version: '4.1.2', requires: { 'two-7': '^2.0.0' }, files: ['index.js', 'package.json'] },
    { name: 'two-7', version: '2.0.1', requires: {}, files: ['lib/index.js', 'package.json'] },
  ]);
});

test('no two copies share a blob', async () => {
  const copies = await Promise.all(['1', '2', '3'].map((tag) => closureCopy(source, tag)));
  const cids = copies.flatMap(({ packages }) => packages.map(({ report }) => report.cid));
  expect(new Set(cids).size).toBe(6);
});
