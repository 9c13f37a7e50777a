import { expect, test } from '@jest/globals';
import { manifestOf } from './manifest.ts';
import { requirementsOf } from './manifest-requirements.ts';

const packageJson = {
  name: 'x',
  version: '1.0.0',
  dependencies: { zod: '^4', any: '', newest: ' latest ', fork: 'git+https://x.org/a.git', next: 'next', native: '1', inside: '2' },
  optionalDependencies: { native: '1' },
  peerDependencies: { react: '*' },
  bundleDependencies: ['inside'],
};

test('a package requires its dependencies, but not the optional, bundled and peer ones', () => {
  const { manifest, kind } = manifestOf(packageJson);
  expect(requirementsOf(manifest, kind)).toEqual([
    { name: 'any', range: '*' },
    { name: 'fork', range: 'git+https://x.org/a.git' },
    { name: 'newest', range: '*' },
    { name: 'next', range: 'next' },
    { name: 'zod', range: '^4' },
  ]);
});

test('a template requires what souk.requires says; its dependencies belong to the project', () => {
  const { manifest, kind } = manifestOf({ ...packageJson, name: 'create-x', souk: { requires: { base: '^1.0.0' } } });
  expect(requirementsOf(manifest, kind)).toEqual([{ name: 'base', range: '^1.0.0' }]);
  expect(requirementsOf(manifestOf({ name: 'create-x', version: '1.0.0' }).manifest, 'template')).toEqual([]);
});
