import * as dagCbor from '@ipld/dag-cbor';
import semver from 'semver';
import { z } from 'zod';
import { nameProblem, type PackageName } from '../id/package-name.ts';
import { Version } from '../id/version.ts';
import { Kind, kindOf } from './kind.ts';
import { binField } from './manifest-bin.ts';
import { bundleField, dependenciesField, isDependencyName, maxSpecLength, peerMetaField, requiresField } from './manifest-dependencies.ts';
import { bugsField, maxUrlLength, repositoryField, webAddress } from './manifest-links.ts';
import { authorField, licenseField } from './manifest-people.ts';
import { enginesField, installScriptField, platformField } from './manifest-platform.ts';
import { ManifestProblems } from './manifest-problems.ts';
import { isEmpty, isObject, keywordsField, textField } from './manifest-text.ts';

/** Most bytes of a manifest in dag-cbor: it fits into a record's body with room for everything else there. */
export const maxManifestBytes = 40_960;

/** Most bytes of a package.json that Souk reads. */
export const maxPackageJsonBytes = 1_048_576;

const dependencyName = z.string().refine(isDependencyName, 'must be a package name').meta({ format: 'dependency-name' });
const dependencies = z.record(dependencyName, z.string().max(maxSpecLength));
const platforms = z.array(z.string().max(33)).max(64);

/**
 * What a release record signs of a package.json, in one normal form: what npm, pnpm and yarn need to install it, what search
 * shows, and `requires` of templates. Absent means empty. Fields that this version does not know are dropped when it is read.
 */
export const ManifestFields = z
  .object({
    description: z.string().max(2000),
    keywords: z.array(z.string().max(128)).max(64),
    license: z.string().max(512),
    author: z.object({ name: z.string().max(512), email: z.string().max(512), url: z.string().max(512) }).partial(),
    homepage: z.string().max(maxUrlLength),
    repository: z.object({ type: z.string().max(64), url: z.string().max(2 * maxUrlLength), directory: z.string().max(2 * maxUrlLength).optional() }),
    bugs: z.object({ url: z.string().max(maxUrlLength), email: z.string().max(512) }).partial(),
    engines: z.record(z.string().max(64), z.string().max(512)),
    os: platforms,
    cpu: platforms,
    libc: platforms,
    type: z.enum(['module', 'commonjs']),
    bin: z.record(z.string().max(214), z.string().max(1024)),
    dependencies,
    optionalDependencies: dependencies,
    peerDependencies: dependencies,
    peerDependenciesMeta: z.record(dependencyName, z.object({ optional: z.literal(true) })),
    bundleDependencies: z.array(dependencyName),
    hasInstallScript: z.literal(true),
    requires: dependencies,
  })
  .partial()
  .meta({ id: 'Manifest' });
export type ManifestFields = z.infer<typeof ManifestFields>;

/** What a package.json says, as a release record signs it. */
export interface PackageManifest {
  readonly name: PackageName;
  readonly version: Version;
  readonly kind: Kind;
  readonly manifest: ManifestFields;
}

/**
 * The one reading of a package.json, for the author who signs it, the peer that accepts it and the user who verifies it: equal input
 * gives equal output, byte for byte in dag-cbor. What npm tolerates is brought into one form; what has no meaning throws
 * BAD_MANIFEST with details `{ problems: [{ field, problem }] }`, all of them at once. `kind` overrides what package.json says.
 * Files are not looked at: `directories.bin` and a `binding.gyp` change nothing.
 */
export function manifestOf(packageJson: unknown, options: { readonly kind?: Kind } = {}): PackageManifest {
  const problems = new ManifestProblems();
  if (!isObject(packageJson)) {
    problems.wrong('package.json', packageJson, 'an object');
    problems.throwIfAny();
  }
  const read = (field: string): unknown => (isObject(packageJson) && Object.hasOwn(packageJson, field) ? packageJson[field] : undefined);
  const name = nameField(read('name'), problems);
  const version = versionField(read('version'), problems);
  if (!isEmpty(read('private'))) problems.add('private', 'is set, which says that this package must not be published');
  const kind = kindOf(packageJson, options.kind);
  const requires = soukField(read('souk'), name, kind, problems);
  const manifest = presentFields({ ...aboutFields(read, problems), ...runtimeFields(read, name, problems), ...dependencyFields(read, problems), requires });
  checkSize(manifest, problems);
  problems.throwIfAny();
  return { name: name as PackageName, version: version as Version, kind, manifest };
}

/** Whether two manifests say the same; one that was read from a record has gone through `ManifestFields`. */
export function sameManifest(a: ManifestFields, b: ManifestFields): boolean {
  return sameValue(presentFields(a), presentFields(b));
}

/** Whether two JSON values are equal, whatever the order of keys. */
function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((one, at) => sameValue(one, b[at]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]));
}

type Read = (field: string) => unknown;

function nameField(value: unknown, problems: ManifestProblems): string | undefined {
  if (typeof value !== 'string') return problems.wrong('name', value, 'a package name such as "my-template" or "@team/my-template"');
  const problem = nameProblem(value);
  return problem ? problems.add('name', `is ${JSON.stringify(value.slice(0, 80))}, which ${problem}`) : value;
}

/** npm publishes "v1.2.3" and "1.2.3+build" as 1.2.3, and so does Souk: one version has one spelling. */
function versionField(value: unknown, problems: ManifestProblems): string | undefined {
  const version = typeof value === 'string' && value.length <= 256 ? semver.clean(value) : null;
  return version !== null && Version.safeParse(version).success ? version : problems.wrong('version', value, 'a semantic version such as "1.2.3"');
}

function soukField(value: unknown, name: string | undefined, kind: Kind, problems: ManifestProblems): Record<string, string> | undefined {
  if (isEmpty(value)) return undefined;
  if (!isObject(value)) return problems.wrong('souk', value, 'an object { kind, requires }');
  const { kind: declared, requires } = value;
  if (declared !== undefined && !Kind.safeParse(declared).success) problems.wrong('souk.kind', declared, '"template" or "package"');
  if (!isEmpty(requires) && kind === 'package') return problems.add('souk.requires', 'is for templates: what a package requires are its "dependencies"');
  return requiresField(requires, name, problems);
}

function aboutFields(read: Read, problems: ManifestProblems): ManifestFields {
  return {
    description: textField('description', read('description'), 1000, problems),
    keywords: keywordsField(read('keywords'), problems),
    license: licenseField(read('license'), read('licenses'), problems),
    author: authorField(read('author'), problems),
    homepage: webAddress('homepage', read('homepage'), problems),
    repository: repositoryField(read('repository'), problems),
    bugs: bugsField(read('bugs'), problems),
  };
}

function runtimeFields(read: Read, name: string | undefined, problems: ManifestProblems): ManifestFields {
  const type = textField('type', read('type'), 64, problems);
  return {
    engines: enginesField(read('engines'), problems),
    os: platformField('os', read('os'), problems),
    cpu: platformField('cpu', read('cpu'), problems),
    libc: platformField('libc', read('libc'), problems),
    // Node takes every other word as commonjs.
    type: type === 'module' || type === 'commonjs' ? type : undefined,
    bin: binField(read('bin'), name, problems),
    hasInstallScript: installScriptField(read('scripts'), problems),
  };
}

function dependencyFields(read: Read, problems: ManifestProblems): ManifestFields {
  const dependencies = dependenciesField('dependencies', read('dependencies'), problems);
  const bundle = read('bundleDependencies') === undefined ? 'bundledDependencies' : 'bundleDependencies';
  return {
    dependencies,
    optionalDependencies: dependenciesField('optionalDependencies', read('optionalDependencies'), problems),
    peerDependencies: dependenciesField('peerDependencies', read('peerDependencies'), problems),
    peerDependenciesMeta: peerMetaField(read('peerDependenciesMeta'), problems),
    bundleDependencies: bundleField(bundle, read(bundle), dependencies, problems),
  };
}

/** dag-cbor has no undefined: absent fields are left out, those of `author` and the like too. */
function presentFields(fields: ManifestFields): ManifestFields {
  const present = (value: unknown): unknown =>
    isObject(value) ? Object.fromEntries(Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [[key, present(one)]]))) : value;
  return present(fields) as ManifestFields;
}

function checkSize(manifest: ManifestFields, problems: ManifestProblems): void {
  if (problems.any) return;
  const { length } = dagCbor.encode(manifest);
  if (length > maxManifestBytes) problems.add('package.json', `takes ${length} bytes in the signed record but should take at most ${maxManifestBytes}`);
}
