import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { ImportRow } from './import-table.ts';
import { mayImport, packageName } from './import-table.ts';
import { importsOf } from './imports-of.ts';

/** The part of a package.json that imports are compared with. */
export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Reads the package.json in a folder. */
export const manifestIn = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** The packages that a project's sources may import by its own package.json. */
export const declaredBy = (own: Manifest, { bundled = false }: Pick<ImportRow, 'bundled'>): Readonly<Record<string, string>> => (bundled ? own.devDependencies : own.dependencies) ?? {};

/**
 * Every import of a project that the table forbids, that leaves the project by a relative path, or whose package the project
 * does not declare. One line each, `file: specifier (why)`, empty when all is well.
 * @param top the repository's top folder
 */
export function wrongImports(top: string, row: ImportRow): string[] {
  const folder = join(top, row.folder);
  const own = manifestIn(folder);
  const declared = declaredBy(own, row);
  const declaredForSpecs = { ...declared, ...own.devDependencies, ...manifestIn(top).devDependencies, '@souk/testing': '' };
  return globSync('src/**/*.ts', { cwd: folder }).flatMap((name) => {
    const file = join(folder, name);
    const inSpec = name.endsWith('.spec.ts');
    return importsOf(readFileSync(file, 'utf8')).flatMap((specifier) => {
      const why = fault(row, specifier, { folder, file, inSpec, declared: inSpec ? declaredForSpecs : declared });
      return why ? [`${relative(top, file)}: ${specifier} (${why})`] : [];
    });
  });
}

interface Place {
  readonly folder: string;
  readonly file: string;
  readonly inSpec: boolean;
  readonly declared: Readonly<Record<string, string>>;
}

function fault(row: ImportRow, specifier: string, place: Place): string | undefined {
  if (specifier.startsWith('.')) {
    const limit = place.inSpec ? place.folder : join(place.folder, 'src');
    const leaves = relative(limit, resolve(dirname(place.file), specifier)).startsWith('..');
    return leaves ? 'leaves the project; use the door @souk/<project>' : undefined;
  }
  if (!mayImport(row, specifier, place.inSpec)) return row.instead;
  if (specifier.startsWith('node:')) return undefined;
  return packageName(specifier) in place.declared ? undefined : `not declared in ${row.folder}/package.json`;
}
