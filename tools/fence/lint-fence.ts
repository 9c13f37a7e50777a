import type { ImportRow } from './import-table.ts';
import { forSpecs, importTable, suites } from './import-table.ts';

/**
 * The oxlint configuration that enforces the import table, as the text of oxlintrc.fence.json: one rule for the sources and one
 * for the specs of each project, one line each.
 */
export function lintFence(): string {
  const overrides = importTable.flatMap((row) => [
    { files: [`${row.folder}/src/**`], excludeFiles: ['**/*.spec.ts'], rules: bans(row, false) },
    { files: [`${row.folder}/src/**/*.spec.ts`], rules: bans(row, true) },
  ]);
  return `{\n  "overrides": [\n    ${overrides.map((override) => JSON.stringify(override)).join(',\n    ')}\n  ]\n}\n`;
}

function bans(row: ImportRow, inSpec: boolean): object {
  return { 'no-restricted-imports': ['error', { patterns: [{ group: patterns(row, inSpec), message: row.instead }] }] };
}

/** Patterns as in .gitignore: the last one that matches a specifier decides, `!` lets it through. */
function patterns(row: ImportRow, inSpec: boolean): string[] {
  const doors = inSpec ? [...row.souk, ...suites] : row.souk;
  return [
    ...('only' in row.npm ? ['*', '**/*', ...row.npm.only.flatMap(allow), ...nodeModules(row, inSpec)] : row.npm.not.flatMap(within)),
    ...(inSpec ? forSpecs.flatMap(allow) : []),
    '@souk/**',
    ...new Set(doors.map((door) => `!@souk/${door}`)),
    '@souk/*/*/**',
    '!./**',
    '!../**',
    '../**/src/**',
    '../**/dist/**',
  ];
}

const nodeModules = (row: ImportRow, inSpec: boolean): string[] =>
  inSpec || row.node === 'all' ? ['!node:*', '!node:*/**'] : row.node.map((name) => `!${name}`);

/** A package with its subpaths, or with `@scope/*` every package of the scope. */
const within = (entry: string): string[] => (entry.endsWith('/*') ? [`${entry}*`] : [entry, `${entry}/**`]);

const allow = (entry: string): string[] => within(entry).map((pattern) => `!${pattern}`);
