import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import semver from 'semver';
import { PackageVersions } from './package-versions.ts';
import { choicesOf, type VersionSet } from './version-set.ts';

const candidates = (...versions: string[]) => versions.map((version) => ({ version, requirements: [] }));

function texts(of: PackageVersions, set: VersionSet | undefined): string[] | undefined {
  return set && choicesOf(set, of.size).map((choice) => of.version(choice));
}

test('matches exactly what node-semver matches', () => {
  const number = fc.integer({ min: 0, max: 3 });
  const version = fc.tuple(number, number, number, fc.constantFrom('', '', '', '-0', '-alpha', '-alpha.1', '-rc.2')).map(([a, b, c, pre]) => `${a}.${b}.${c}${pre}`);
  const bound = fc.oneof(version, fc.constantFrom('1', '1.x', '2.1', '*', '0'));
  const comparator = fc.tuple(fc.constantFrom('', '=', '>', '<', '>=', '<=', '^', '~'), bound).map(([operator, text]) => operator + text);
  const simple = fc.oneof({ weight: 4, arbitrary: fc.array(comparator, { minLength: 1, maxLength: 3 }).map((all) => all.join(' ')) }, fc.tuple(bound, bound).map(([a, b]) => `${a} - ${b}`));
  const range = fc.array(simple, { minLength: 1, maxLength: 3 }).map((all) => all.join(' || '));
  fc.assert(
    fc.property(fc.uniqueArray(version, { maxLength: 40 }), range, (versions, text) => {
      const of = new PackageVersions(candidates(...versions));
      const expected = versions.filter((one) => semver.satisfies(one, text)).sort(semver.rcompare);
      expect(texts(of, of.matching(text))).toEqual(semver.validRange(text) === null ? undefined : expected);
    }),
    { numRuns: 5000 },
  );
});

test('orders versions newest first, drops what is no version and what is there twice', () => {
  const of = new PackageVersions(candidates('1.0.0', '1.10.0', '1.2.0', '2.0.0-rc.1', 'latest', '1.2.0', '2.0.0'));
  expect(of.candidates.map((one) => one.version)).toEqual(['2.0.0', '2.0.0-rc.1', '1.10.0', '1.2.0', '1.0.0']);
  expect(of.absence).toBe(5);
});

test.each(['next', 'git+https://x.org/a.git', '1 ||'.repeat(40), '>'.repeat(2000), '1.2.3.4', 'workspace:^'])('%s is no range', (range) => {
  expect(new PackageVersions(candidates('1.0.0')).matching(range)).toBeUndefined();
});

test('the empty range is any version, but no pre-release', () => {
  const of = new PackageVersions(candidates('1.0.0', '2.0.0-rc.1'));
  expect(texts(of, of.matching(''))).toEqual(['1.0.0']);
});

test('finds all versions that share a requirement', () => {
  const b = [{ name: 'b', range: '^1' }];
  const of = new PackageVersions([
    { version: '1.0.0', requirements: b },
    { version: '2.0.0', requirements: [{ name: 'a', range: '*' }, ...b] },
    { version: '3.0.0', requirements: [{ name: 'b', range: '^2' }] },
  ]);
  expect(of.requirements(1).map((one) => [one.name, one.range, texts(of, one.versions)])).toEqual([
    ['a', '*', ['2.0.0']],
    ['b', '^1', ['2.0.0', '1.0.0']],
  ]);
  expect(of.requirements(1)[1]).toBe(of.requirements(2)[0]);
});

test('keeps what it parsed by list, not by name', () => {
  const list = candidates('1.0.0');
  expect(PackageVersions.of(list)).toBe(PackageVersions.of(list));
  expect(PackageVersions.of(candidates('1.0.0'))).not.toBe(PackageVersions.of(list));
});
