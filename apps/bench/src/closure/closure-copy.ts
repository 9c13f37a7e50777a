import { packageOfFiles } from '@souk/testing/archives';
import { prepare, type Prepared } from '../site/publishing.ts';
import type { ClosureSource } from './closure-source.ts';

/** A closure under names of its own: nobody holds its blobs unless it was published or installed. */
export interface ClosureCopy {
  /** The package that requires the others, and the range to ask for. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly packages: readonly Prepared[];
}

/** The closure with `-tag` behind every name, in the packages' own requirements as well. Its first package is the one that requires the others. */
export async function closureCopy({ packages }: ClosureSource, tag: string): Promise<ClosureCopy> {
  const renamed = (name: string): string => `${name}-${tag}`;
  const copies = packages.map(({ packageJson, files }) => {
    const dependencies = Object.fromEntries(Object.entries(packageJson.dependencies ?? {}).map(([name, range]) => [renamed(name), range]));
    const manifest = { ...packageJson, name: renamed(packageJson.name), dependencies };
    return prepare(packageOfFiles({ ...files, 'package.json': `${JSON.stringify(manifest, undefined, 2)}\n` }) as Buffer<ArrayBuffer>);
  });
  const prepared = await Promise.all(copies);
  const [first] = prepared;
  if (!first) throw new RangeError('A closure has at least one package.');
  return { dependencies: { [first.name]: `^${first.version}` }, packages: prepared };
}
