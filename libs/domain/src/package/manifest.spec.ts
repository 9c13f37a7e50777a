import * as dagCbor from '@ipld/dag-cbor';
import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { SoukError } from '../errors/souk-error.ts';
import { ManifestFields, manifestOf, maxManifestBytes, sameManifest } from './manifest.ts';
import type { ManifestProblem } from './manifest-problems.ts';

const base = { name: 'my-lib', version: '1.2.3' };

function manifest(more: object): ManifestFields {
  return manifestOf({ ...base, ...more }).manifest;
}

function refusal(packageJson: unknown): SoukError {
  try {
    manifestOf(packageJson);
  } catch (error) {
    if (error instanceof SoukError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function problems(more: object): readonly ManifestProblem[] {
  return refusal({ ...base, ...more }).details?.['problems'] as ManifestProblem[];
}

const whole = {
  name: '@team/create-api',
  version: 'v2.0.0+build.7',
  private: false,
  description: '  An  API\n in one\tminute. ',
  keywords: ['template', 'api', 'api', ' rest '],
  license: { type: 'MIT', url: 'https://example.org/mit' },
  author: 'Ada Lovelace <ada@example.org> (https://ada.example.org)',
  homepage: 'example.org/api',
  repository: 'team/api',
  bugs: 'bugs@example.org',
  engines: ['node >= 20'],
  os: 'linux',
  cpu: ['x64', 'arm64'],
  type: 'module',
  bin: './bin\\cli.js',
  scripts: { postinstall: 'node x.js', test: 'jest' },
  dependencies: { zod: '^4', chalk: 'latest', JSONStream: 'npm:jsonstream@1' },
  devDependencies: { jest: '*' },
  optionalDependencies: [],
  peerDependencies: null,
  peerDependenciesMeta: { b: { optional: true }, a: { optional: false } },
  bundledDependencies: ['zod'],
  souk: { requires: { 'base-files': '^1.0.0', 'a-theme': '' } },
  unknown: { of: ['no', 'interest'] },
};

test('brings everything into one form', () => {
  expect(manifestOf(whole)).toEqual({
    name: '@team/create-api',
    version: '2.0.0',
    kind: 'template',
    manifest: {
      description: 'An API in one minute.',
      keywords: ['template', 'api', 'rest'],
      license: 'MIT',
      author: { name: 'Ada Lovelace', email: 'ada@example.org', url: 'https://ada.example.org' },
      homepage: 'http://example.org/api',
      repository: { type: 'git', url: 'git+https://github.com/team/api.git' },
      bugs: { email: 'bugs@example.org' },
      engines: { node: '>= 20' },
      os: ['linux'],
      cpu: ['arm64', 'x64'],
      type: 'module',
      bin: { 'create-api': 'bin/cli.js' },
      hasInstallScript: true,
      dependencies: { JSONStream: 'npm:jsonstream@1', chalk: 'latest', zod: '^4' },
      peerDependenciesMeta: { b: { optional: true } },
      bundleDependencies: ['zod'],
      requires: { 'a-theme': '*', 'base-files': '^1.0.0' },
    },
  });
});

test('what it gives fits the schema of a record, and reading it from one changes nothing', () => {
  const { manifest: fields } = manifestOf(whole);
  expect(dagCbor.decode(dagCbor.encode(ManifestFields.parse({ ...fields, later: 1 })))).toEqual(fields);
  expect(sameManifest(fields, ManifestFields.parse({ ...fields, later: 1 }))).toBe(true);
  expect(sameManifest(fields, { ...fields, license: 'ISC' })).toBe(false);
});

test('is the same for every order of keys, and a fixed point', () => {
  const shuffled = fc.shuffledSubarray(Object.entries(whole), { minLength: Object.keys(whole).length });
  const expected = dagCbor.encode(manifestOf(whole).manifest);
  fc.assert(fc.property(shuffled, (entries) => expect(dagCbor.encode(manifestOf(Object.fromEntries(entries)).manifest)).toEqual(expected)));
  const { requires, ...again } = manifestOf(whole).manifest;
  const once = manifestOf({ name: '@team/create-api', version: '2.0.0', ...again, scripts: { install: 'x' }, souk: { requires } });
  expect(once.manifest).toEqual(manifestOf(whole).manifest);
});

test('never fails with anything but BAD_MANIFEST, and gives a valid manifest otherwise', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const model = Object.fromEntries(Object.keys(whole).map((key) => [key, fc.oneof({ weight: 3, arbitrary: fc.constant((whole as Record<string, unknown>)[key]) }, value)]));
  fc.assert(
    fc.property(fc.record(model, { requiredKeys: [] }), (packageJson) => {
      try {
        const { manifest: fields } = manifestOf(packageJson);
        expect(sameManifest(ManifestFields.parse(fields), fields)).toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_MANIFEST' });
      }
    }),
    { numRuns: 1000 },
  );
});

test('reports every problem at once, by field', () => {
  const error = refusal({ name: 'My Lib', version: '1.2', private: true, description: 7, dependencies: 'chalk', bin: { run: '../x' } });
  expect(error.details).toEqual({
    problems: [
      { field: 'name', problem: 'is "My Lib", which has upper-case letters' },
      { field: 'version', problem: 'is "1.2" but should be a semantic version such as "1.2.3"' },
      { field: 'private', problem: 'is set, which says that this package must not be published' },
      { field: 'description', problem: 'is 7 but should be a text' },
      { field: 'bin.run', problem: 'is "../x" but should be a relative path inside the package' },
      { field: 'dependencies', problem: 'is "chalk" but should be an object of name to version range' },
    ],
  });
  expect(error.message).toContain('package.json can\'t be published: "name" is "My Lib", which has upper-case letters; "version" is');
  expect(error.hint).toBe('Remove "private" from package.json if it is meant to be published.');
});

test.each([undefined, null, [], 'x', 4])('refuses %j as a package.json', (value) => {
  expect(refusal(value).message).toContain('"package.json" is');
});

test.each([
  [{ name: undefined }, 'name', 'is missing but should be a package name such as "my-template" or "@team/my-template"'],
  [{ name: 5 }, 'name', 'is 5 but should be a package name such as "my-template" or "@team/my-template"'],
  [{ name: '../x' }, 'name', 'is "../x", which has an empty part or too many slashes'],
  [{ version: undefined }, 'version', 'is missing but should be a semantic version such as "1.2.3"'],
  [{ version: ['1.0.0'] }, 'version', 'is an array but should be a semantic version such as "1.2.3"'],
  [{ version: '1.0.0-' }, 'version', 'is "1.0.0-" but should be a semantic version such as "1.2.3"'],
  [{ version: '9'.repeat(20) + '.0.0' }, 'version', 'is "99999999999999999999.0.0" but should be a semantic version such as "1.2.3"'],
  [{ keywords: 5 }, 'keywords', 'is 5 but should be a list of texts'],
  [{ keywords: ['a', 1] }, 'keywords.1', 'is 1 but should be a text'],
  [{ license: 5 }, 'license', 'is 5 but should be an SPDX expression such as "MIT"'],
  [{ license: '', licenses: 3 }, 'licenses', 'is 3 but should be an SPDX expression such as "MIT"'],
  [{ author: ['a'] }, 'author', 'is an array but should be a text such as "Name <email> (url)" or an object { name, email, url }'],
  [{ author: { name: 1 } }, 'author.name', 'is 1 but should be a text'],
  [{ homepage: ['x'] }, 'homepage', 'is an array but should be a web address'],
  [{ repository: 1 }, 'repository', 'is 1 but should be an address or an object { type, url, directory }'],
  [{ repository: { url: ['x'] } }, 'repository.url', 'is an array but should be a text'],
  [{ bugs: [1] }, 'bugs', 'is an array but should be an address or an object { url, email }'],
  [{ bugs: { email: 1 } }, 'bugs.email', 'is 1 but should be a text'],
  [{ engines: true }, 'engines', 'is true but should be an object such as { "node": ">=20" }'],
  [{ engines: { node: 20 } }, 'engines.node', 'is 20 but should be a version range'],
  [{ os: { linux: true } }, 'os', 'is an object but should be a list of at most 64 platform names'],
  [{ cpu: ['x64', 1] }, 'cpu.1', 'is 1 but should be a platform name such as "linux" or "!win32"'],
  [{ type: 1 }, 'type', 'is 1 but should be a text'],
  [{ bin: 1 }, 'bin', 'is 1 but should be a path or an object of command to path'],
  [{ bin: '/etc/passwd' }, 'bin', 'is "/etc/passwd" but should be a relative path inside the package'],
  [{ bin: { x: 'C:\\x' } }, 'bin.x', 'is "C:\\\\x" but should be a relative path inside the package'],
  [{ bin: { '../x': 'x.js' } }, 'bin.../x', 'is not a command name'],
  [{ scripts: 'x' }, 'scripts', 'is "x" but should be an object of name to command'],
  [{ dependencies: '' }, 'dependencies', 'is "" but should be an object of name to version range'],
  [{ dependencies: ['a'] }, 'dependencies', 'is an array but should be an object of name to version range'],
  [{ dependencies: { a: 1 } }, 'dependencies.a', 'is 1 but should be a version range such as "^1.2.0"'],
  [{ dependencies: { a: 'x'.repeat(1025) } }, 'dependencies.a', 'should be at most 1024 characters of plain text'],
  [{ dependencies: { '../a': '1' } }, 'dependencies.../a', 'is not a package name'],
  [{ dependencies: { constructor: '1' } }, 'dependencies.constructor', 'is not a package name'],
  [{ optionalDependencies: JSON.parse('{"__proto__":"1"}') as object }, 'optionalDependencies.__proto__', 'is not a package name'],
  [{ peerDependencies: 5 }, 'peerDependencies', 'is 5 but should be an object of name to version range'],
  [{ peerDependenciesMeta: { a: true } }, 'peerDependenciesMeta.a', 'is true but should be an object { optional }'],
  [{ bundleDependencies: 'a' }, 'bundleDependencies', 'is "a" but should be a list of package names'],
  [{ bundledDependencies: [1] }, 'bundledDependencies.0', 'is 1 but should be a package name'],
  [{ souk: 'template' }, 'souk', 'is "template" but should be an object { kind, requires }'],
  [{ souk: { kind: 'app' } }, 'souk.kind', 'is "app" but should be "template" or "package"'],
  [{ souk: { requires: { a: '1' } } }, 'souk.requires', 'is for templates: what a package requires are its "dependencies"'],
  [{ souk: { kind: 'template', requires: ['a'] } }, 'souk.requires', 'is an array but should be an object of name to version range'],
  [{ souk: { kind: 'template', requires: { 'my-lib': '1' } } }, 'souk.requires.my-lib', 'requires the template itself'],
  [{ souk: { kind: 'template', requires: { A: '1' } } }, 'souk.requires.A', 'is not a package name: it has upper-case letters'],
  [{ souk: { kind: 'template', requires: { a: 'latest' } } }, 'souk.requires.a', 'is "latest" but should be a version range such as "^1.2.0" or "*"'],
])('refuses %j', (more, field, problem) => {
  expect(problems(more)).toEqual([{ field, problem }]);
});

test.each([
  [{ description: '', keywords: '', license: null, author: {}, homepage: false, repository: {}, bugs: {}, engines: [], os: [], bin: {}, scripts: [] }, {}],
  [{ dependencies: {}, optionalDependencies: null, peerDependencies: [], bundleDependencies: false, souk: {} }, {}],
  [{ keywords: 'a, b c' }, { keywords: ['a', 'b', 'c'] }],
  [{ license: ['MIT', { type: 'Apache-2.0' }] }, { license: '(MIT OR Apache-2.0)' }],
  [{ licenses: [{ type: 'BSD', url: 'x' }] }, { license: 'BSD' }],
  [{ author: { name: ' A ', email: '', url: null } }, { author: { name: 'A' } }],
  [{ author: '<a@example.org>' }, { author: { email: 'a@example.org' } }],
  [{ homepage: 'javascript:alert(1)', bugs: { url: 'hhttps://x.org' }, repository: 'javascript:alert(1)' }, {}],
  [{ homepage: 'https://x.org/a?b=c#d' }, { homepage: 'https://x.org/a?b=c#d' }],
  [{ repository: { url: 'git@github.com:a/b.git', directory: 'packages/b' } }, { repository: { type: 'git', url: 'git@github.com:a/b.git', directory: 'packages/b' } }],
  [{ repository: 'gitlab:a/b#main' }, { repository: { type: 'git', url: 'git+https://gitlab.com/a/b.git#main' } }],
  [{ repository: { type: 'svn', url: 'svn://x.org/a' } }, { repository: { type: 'svn', url: 'svn://x.org/a' } }],
  [{ bugs: 'https://x.org/bugs' }, { bugs: { url: 'https://x.org/bugs' } }],
  [{ type: 'library' }, {}],
  [{ bin: { '@team/run': './a/./b.js', other: 'c' } }, { bin: { other: 'c', run: 'a/b.js' } }],
  [{ dependencies: { a: 'git+https://x.org/a.git' }, bundleDependencies: true }, { dependencies: { a: 'git+https://x.org/a.git' }, bundleDependencies: ['a'] }],
])('tolerates %j as npm does', (more, expected) => {
  expect(manifest(more)).toEqual(expected);
});

test('cuts long texts at characters, and drops what would deceive a terminal', () => {
  expect([...(manifest({ description: '😀'.repeat(1200) }).description ?? '')]).toHaveLength(1000);
  expect(manifest({ description: 'a\u001b[31m\u202eb\ud800' }).description).toBe('a [31mb\ufffd');
  expect(manifest({ keywords: Array.from({ length: 100 }, (_, at) => `k${at}`) }).keywords).toHaveLength(64);
});

test('refuses a manifest that would not fit into a record', () => {
  const dependencies = Object.fromEntries(Array.from({ length: 2500 }, (_, at) => [`dependency-${at}`, '^1.0.0']));
  const [problem] = problems({ dependencies });
  expect(problem?.field).toBe('package.json');
  expect(problem?.problem).toMatch(new RegExp(`^takes \\d+ bytes in the signed record but should take at most ${maxManifestBytes}$`));
});

test('an override of the kind decides what souk.requires means', () => {
  const packageJson = { ...base, souk: { requires: { a: '^1' } } };
  expect(manifestOf(packageJson, { kind: 'template' })).toMatchObject({ kind: 'template', manifest: { requires: { a: '^1' } } });
  expect(() => manifestOf({ ...packageJson, souk: { kind: 'template', ...packageJson.souk } }, { kind: 'package' })).toThrow('is for templates');
});
