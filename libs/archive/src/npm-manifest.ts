import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { defaultArchiveLimits, manifestPath, SoukError } from '@souk/domain';
import { systemCode } from './storage-error.ts';

/** What of a package.json decides which files npm packs, in the form that npm brings it into first. */
export interface NpmManifest {
  readonly files?: readonly string[];
  readonly main?: string;
  readonly browser?: string;
  /** Command name to file. */
  readonly bin: Readonly<Record<string, string>>;
  readonly bundleDependencies: readonly string[];
  readonly dependencies: Readonly<Record<string, unknown>>;
  readonly optionalDependencies: Readonly<Record<string, unknown>>;
  readonly peerDependencies: Readonly<Record<string, unknown>>;
  readonly patchedDependencies?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

function insidePackage(path: string): string {
  return posix.join('/', path.replaceAll('\\', '/')).slice(1);
}

function binOf(fields: Fields): Record<string, string> {
  const { bin, name } = fields;
  const pairs: [string, unknown][] =
    typeof bin === 'string' ? [[String(name), bin]] : Array.isArray(bin) ? textsOf(bin).map((path) => [basename(path), path]) : Object.entries(fieldsOf(bin));
  const clean = pairs.flatMap(([command, path]): [string, string][] => {
    const target = typeof path === 'string' ? insidePackage(path) : '';
    return target === '' ? [] : [[command, target]];
  });
  return Object.fromEntries(clean);
}

async function binFolderOf(root: string, fields: Fields): Promise<Record<string, string>> {
  const { bin } = fieldsOf(fields['directories']);
  if (typeof bin !== 'string') return {};
  const folder = insidePackage(bin);
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => posix.join(entry.parentPath.slice(root.length + 1).replaceAll('\\', '/'), entry.name));
  return Object.fromEntries(files.filter((file) => !/(?:^|\/)\./.test(file)).map((file) => [basename(file), file]));
}

function bundledOf(fields: Fields): string[] {
  const bundled = fields['bundleDependencies'] ?? fields['bundledDependencies'];
  if (bundled === true) return Object.keys(fieldsOf(fields['dependencies']));
  return Array.isArray(bundled) ? textsOf(bundled) : Object.keys(fieldsOf(bundled));
}

function parse(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new SoukError('BAD_MANIFEST', 'The package.json is not JSON.', { hint: `Correct it: ${error instanceof Error ? error.message : String(error)}.`, cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new SoukError('BAD_MANIFEST', 'The package.json is not an object.', { hint: 'It must at least have a name and a version; `npm init` writes one.' });
}

async function manifestSize(root: string, file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') throw error;
    throw new SoukError('BAD_MANIFEST', `There is no package.json in ${root}.`, { hint: 'Name the folder that holds it, or write one with `npm init`.', cause: error });
  }
}

async function readManifestText(root: string): Promise<string> {
  const file = join(root, manifestPath);
  const size = await manifestSize(root, file);
  const most = defaultArchiveLimits.maxManifestBytes;
  if (size > most) throw new SoukError('BAD_MANIFEST', `The package.json has ${size} bytes; at most ${most} are allowed.`, { hint: 'Move what is not about the package into other files.' });
  return readFile(file, 'utf8');
}

/** Reads a folder's package.json as npm does before it packs; throws BAD_MANIFEST. */
export async function readNpmManifest(root: string): Promise<NpmManifest> {
  const fields = parse(await readManifestText(root));
  const { main, browser, files, bin } = fields;
  return {
    ...(Array.isArray(files) ? { files: textsOf(files).filter((entry) => entry !== '') } : {}),
    ...(typeof main === 'string' ? { main } : {}),
    ...(typeof browser === 'string' ? { browser } : {}),
    bin: bin ? binOf(fields) : await binFolderOf(root, fields),
    bundleDependencies: bundledOf(fields),
    dependencies: fieldsOf(fields['dependencies']),
    optionalDependencies: fieldsOf(fields['optionalDependencies']),
    peerDependencies: fieldsOf(fields['peerDependencies']),
    patchedDependencies: fields['patchedDependencies'],
  };
}

/**
 * Whether npm makes a packed file executable whatever its mode. It compares what follows the first folder of the path, so it finds
 * commands of the root folder only; Souk does the same, or one folder would have two trees.
 */
export function isMadeExecutable(manifest: NpmManifest, path: string): boolean {
  return Object.values(manifest.bin).includes(path.replace(/^[^/]*\//, ''));
}
