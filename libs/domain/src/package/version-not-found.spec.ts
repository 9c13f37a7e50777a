import { expect, test } from '@jest/globals';
import { insteadOf, nearVersions, versionNotFound } from './version-not-found.ts';

const kit = { versions: ['1.0.0', '1.2.0', '1.3.0', '2.0.0', '2.1.0', '3.0.0-rc.1', '3.0.0'], tags: { latest: '3.0.0', next: '3.0.0-rc.1', legacy: '1.3.0' } };

test.each([
  ['1.2.1', ['1.2.0', '1.3.0', '1.0.0']],
  ['2.0.7', ['2.0.0', '2.1.0', '3.0.0']],
  ['^2.2.0', ['2.1.0', '2.0.0', '3.0.0']],
  ['9.0.0', ['3.0.0', '3.0.0-rc.1', '2.1.0']],
])('near to %s are %j', (wanted, near) => {
  expect(nearVersions(wanted, kit.versions, 3)).toEqual(near);
});

test('an unknown version is answered with the nearest ones and the tags', () => {
  expect(versionNotFound('kit', '1.2.1', kit)).toMatchObject({
    code: 'VERSION_NOT_FOUND',
    message: 'kit has no version 1.2.1.',
    hint: 'There are 1.2.0, 1.3.0, 1.0.0, 2.1.0, 2.0.0 and 2 more. Tags: latest (3.0.0), legacy (1.3.0), next (3.0.0-rc.1).',
    details: { name: 'kit', wanted: '1.2.1', versions: kit.versions.toReversed(), tags: kit.tags, near: ['1.2.0', '1.3.0', '1.0.0', '2.1.0', '2.0.0'] },
  });
});

test('an unknown tag is answered with the one that was perhaps meant', () => {
  expect(versionNotFound('kit', 'lattest', kit)).toMatchObject({ message: 'kit has no version or tag lattest.', hint: expect.stringMatching(/^Did you mean latest\? There are 3\.0\.0, .* Tags: latest \(3\.0\.0\)/), details: { near: ['latest'] } });
  expect(versionNotFound('kit', 'canary', kit)).toMatchObject({ hint: expect.stringMatching(/^There are/), details: { near: [] } });
});

test('a package without versions says so, and lists are limited', () => {
  expect(versionNotFound('kit', '1.0.0', { versions: [], tags: {} }).hint).toBe('It has no version that counts.');
  const many = { versions: Array.from({ length: 200 }, (_, patch) => `1.0.${patch}`), tags: Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`tag-${at}`, '1.0.0'])) };
  const { details, hint } = insteadOf('2.0.0', many);
  expect([details.versions.length, Object.keys(details.tags).length]).toEqual([50, 50]);
  expect(hint.length).toBeLessThan(300);
});
