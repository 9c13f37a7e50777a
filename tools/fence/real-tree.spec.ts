import { expect, test } from '@jest/globals';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportRow } from './import-table.ts';
import { importTable } from './import-table.ts';
import { declaredBy, manifestIn, wrongImports } from './project-imports.ts';
import { runTool, top, withFiles } from './workbench.ts';

const nameOf = (folder: string): string => `@souk/${folder.split('/').at(-1)}`;
const edgesOf = (row: ImportRow): string[] => [...new Set(row.souk.map((door) => `@souk/${door.split('/')[0]}`))].sort();

test('the table names every project of the workspace', () => {
  const folders = [...globSync('{apps,libs}/*/package.json'), 'e2e/package.json'].map((file) => file.slice(0, -'/package.json'.length));
  expect(importTable.map(({ folder }) => folder).sort()).toEqual(folders.sort());
});

test.each(importTable)('$folder imports only what the table allows and its package.json declares', (row) => {
  expect(wrongImports(top, row)).toEqual([]);
});

test.each(importTable)('$folder declares the edges of the table, and refers the compiler to them', (row) => {
  const declared = Object.keys(declaredBy(manifestIn(row.folder), row)).filter((name) => name.startsWith('@souk/'));
  const { references } = JSON.parse(readFileSync(join(row.folder, 'tsconfig.json'), 'utf8')) as { references: { path: string }[] };
  expect(declared.sort()).toEqual(edgesOf(row));
  expect(references.map(({ path }) => nameOf(path)).sort()).toEqual(edgesOf(row));
  expect(references.filter(({ path }) => !existsSync(join(row.folder, path, 'tsconfig.json')))).toEqual([]);
});

test('every version is exact', () => {
  const manifests = ['.', ...importTable.map(({ folder }) => folder)].map(manifestIn);
  const versions = manifests.flatMap(({ name, dependencies, devDependencies }) =>
    Object.entries({ ...dependencies, ...devDependencies }).map(([dependency, version]) => `${name} ${dependency} ${version}`),
  );
  expect(versions.filter((line) => !/ \d+\.\d+\.\d+$/.test(line))).toEqual([]);
});

test('the Nx graph is the table', () => {
  const folder = mkdtempSync(join(tmpdir(), 'souk-graph-'));
  try {
    const file = join(folder, 'graph.json');
    expect(runTool('nx', ['graph', `--file=${file}`], top)).toMatchObject({ code: 0 });
    const { graph } = JSON.parse(readFileSync(file, 'utf8')) as { graph: { dependencies: Record<string, { target: string }[]> } };
    const edges = Object.entries(graph.dependencies).map(([name, targets]) => [name, targets.map(({ target }) => target).filter(isOurs).sort()]);
    expect(Object.fromEntries(edges)).toEqual(Object.fromEntries(importTable.map((row) => [nameOf(row.folder), edgesOf(row)])));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const isOurs = (name: string): boolean => name.startsWith('@souk/');

test('a planted import is found in whatever form it is written', () => {
  const store = importTable.find(({ folder }) => folder === 'libs/store');
  const files = {
    'package.json': JSON.stringify({ name: 'souk', devDependencies: { '@jest/globals': '1.0.0' } }),
    'libs/store/package.json': JSON.stringify({ name: '@souk/store', dependencies: { '@souk/domain': '0.1.0' } }),
    'libs/store/src/fine.ts': "import { x } from '@souk/domain';\nimport { y } from './other.ts';\nimport 'node:fs';\nexport const z = [x, y];\n",
    'libs/store/src/fine.spec.ts': "import { test } from '@jest/globals';\nimport { p } from '@souk/testing';\nimport '../fixtures/f.ts';\ntest(p, () => {});\n",
    'libs/store/src/type.ts': "export type Node = import('libp2p').Libp2p;\n",
    'libs/store/src/dynamic.ts': "export const load = () => import('@souk/p2p');\n",
    'libs/store/src/require.ts': "import tar = require('tar');\nexport const x = [tar, require('pino')];\n",
    'libs/store/src/undeclared.ts': "export * from '@souk/contracts';\n",
    'libs/store/src/relative.ts': "export * from '../../p2p/src/index.ts';\nexport * from '../package.json';\n",
    'libs/store/src/source.ts': "export * from '@souk/testing';\nexport * from '@jest/globals';\n",
    'libs/store/src/some.spec.ts': "export * from '../../../apps/cli/src/main.ts';\nexport * from '@souk/nest';\n",
  };
  const found = withFiles(files, (folder) => (store ? wrongImports(folder, store) : []));
  expect(found.map((line) => line.slice('libs/store/src/'.length, line.indexOf(' ('))).sort()).toEqual([
    'dynamic.ts: @souk/p2p',
    'relative.ts: ../../p2p/src/index.ts',
    'relative.ts: ../package.json',
    'require.ts: pino',
    'require.ts: tar',
    'some.spec.ts: ../../../apps/cli/src/main.ts',
    'some.spec.ts: @souk/nest',
    'source.ts: @jest/globals',
    'source.ts: @souk/testing',
    'type.ts: libp2p',
    'undeclared.ts: @souk/contracts',
  ]);
});
