import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { unpackArchive } from '@souk/archive';
import { cacheFolder } from '../parts/places.ts';
import { runProgram } from '../parts/run-program.ts';
import { seededRandom } from '../corpus/seeded-random.ts';

/** A package of a closure as files. */
export interface SourcePackage {
  readonly packageJson: Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string; readonly dependencies?: Readonly<Record<string, string>> };
  /** The other files, by path. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** chalk@4 and all it requires, and where the bytes come from. */
export interface ClosureSource {
  readonly label: string;
  readonly packages: readonly SourcePackage[];
}

interface Member {
  readonly version: string;
  readonly packedBytes: number;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const members: Readonly<Record<string, Member>> = {
  chalk: { version: '4.1.2', packedBytes: 11_577, dependencies: { 'ansi-styles': '^4.1.0', 'supports-color': '^7.1.0' } },
  'ansi-styles': { version: '4.3.0', packedBytes: 5849, dependencies: { 'color-convert': '^2.0.1' } },
  'color-convert': { version: '2.0.1', packedBytes: 8996, dependencies: { 'color-name': '~1.1.4' } },
  'color-name': { version: '1.1.4', packedBytes: 2868 },
  'supports-color': { version: '7.2.0', packedBytes: 3210, dependencies: { 'has-flag': '^4.0.0' } },
  'has-flag': { version: '4.0.0', packedBytes: 2206 },
};
const downloadMs = 60_000;

/** Reads the closure as npm gives it, kept between runs; without a registry it is made up in the same sizes, and the label says so. */
export async function closureSource(scratch: string, signal: AbortSignal): Promise<ClosureSource> {
  try {
    const tarballs = await downloaded(AbortSignal.any([signal, AbortSignal.timeout(downloadMs)]));
    const packages = await Promise.all(tarballs.map((file, at) => unpacked(file, join(scratch, `source-${at}`))));
    return { label: 'the closure of chalk@4.1.2 as npm has it, 6 packages', packages };
  } catch (error) {
    signal.throwIfAborted();
    return { label: `6 made-up packages of the sizes of chalk@4.1.2's closure (no registry: ${String(error).slice(0, 120)})`, packages: Object.entries(members).map(madeUp) };
  }
}

async function downloaded(signal: AbortSignal): Promise<string[]> {
  const folder = join(cacheFolder, 'npm');
  const specs = Object.entries(members).map(([name, { version }]) => ({ spec: `${name}@${version}`, file: join(folder, `${name}-${version}.tgz`) }));
  const missing = specs.filter(({ file }) => !existsSync(file));
  if (missing.length > 0) {
    await mkdir(folder, { recursive: true });
    await runProgram('npm', ['pack', ...missing.map(({ spec }) => spec), '--pack-destination', folder, '--ignore-scripts', '--loglevel=error'], { signal });
  }
  return specs.map(({ file }) => file);
}

async function unpacked(tarball: string, folder: string): Promise<SourcePackage> {
  const { size } = await stat(tarball);
  await unpackArchive(createReadStream(tarball), folder, { maxBytes: size });
  const paths = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = Object.fromEntries(await Promise.all(paths.map(async (path) => [relative(folder, path), await readFile(path)] as const)));
  await rm(folder, { recursive: true });
  const { 'package.json': manifest, ...others } = files;
  return { packageJson: JSON.parse(String(manifest)) as SourcePackage['packageJson'], files: others };
}

function madeUp([name, { version, packedBytes, dependencies }]: [string, Member], number: number): SourcePackage {
  const random = seededRandom(number);
  // Bytes that do not compress, so that the archive has the wanted size.
  const noise = Buffer.from(Array.from({ length: packedBytes - 400 }, () => random.below(256)));
  return { packageJson: { name, version, description: `In place of ${name}`, license: 'MIT', ...(dependencies ? { dependencies } : {}) }, files: { 'index.bin': noise } };
}
