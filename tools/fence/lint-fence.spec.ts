import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { importTable, mayImport } from './import-table.ts';
import { lintFence } from './lint-fence.ts';
import { lint } from './workbench.ts';

const banned = 'eslint(no-restricted-imports)';
const importing = (specifier: string): string => `export * from '${specifier}';\n`;
const textOf = (broken: ReturnType<typeof lint>, file: string): string =>
  (broken.get(file) ?? []).flatMap(({ rule, text }) => (rule === banned ? [text] : [])).join();

/** One import per layer that must never be written, and a word of the way that the lint points out instead. */
const planted: readonly (readonly [project: string, specifier: string, instead: string])[] = [
  ['libs/domain', 'node:fs', 'behind a port'],
  ['libs/domain', '@nestjs/common', 'pure'],
  ['libs/domain', 'libp2p', 'behind a port'],
  ['libs/domain', '@souk/contracts', 'pure'],
  ['libs/contracts', '@souk/store', 'schemas'],
  ['libs/contracts', 'node:crypto', 'schemas'],
  ['libs/archive', '@souk/store', 'joins it with a store'],
  ['libs/store', '@souk/p2p', 'port of @souk/domain'],
  ['libs/store', 'tar', 'port of @souk/domain'],
  ['libs/p2p', '@souk/store', 'ports of @souk/domain'],
  ['libs/p2p', '@nestjs/common', 'libp2p family'],
  ['libs/nest', '@souk/store', 'wired by an app'],
  ['libs/nest', '@libp2p/tcp', 'wired by an app'],
  ['libs/testing', '@souk/nest', 'but @souk/nest'],
  ['libs/testing', '@souk/gateway', 'no app'],
  ['apps/gateway', '@souk/p2p', 'contract'],
  ['apps/gateway', '@libp2p/crypto', 'behind @souk/p2p'],
  ['apps/search', '@souk/reputation', 'contract'],
  ['apps/install', 'tar', 'behind @souk/archive'],
  ['apps/reputation', '@souk/testing', 'contract'],
  ['apps/peer', 'libp2p', 'libs/p2p'],
  ['apps/peer', '@nats-io/transport-node', 'rpc client'],
  ['apps/cli', '@souk/nest', 'HTTP'],
  ['apps/cli', '@nestjs/common', 'HTTP'],
  ['apps/cli', '@souk/site', 'process'],
  ['apps/site', '@souk/gateway', '/module'],
  ['apps/site', '@souk/gateway/src/config.ts', '/module'],
  ['apps/bench', '@souk/site', 'processes'],
  ['e2e', '@souk/cli', 'processes'],
  ['libs/store', '../../p2p/src/index.ts', '@souk/domain'],
  ['apps/site', '../../gateway/src/gateway.module.ts', '/module'],
];

test('each planted import is caught, and the lint names the way that is open', () => {
  const files = Object.fromEntries(planted.map(([project, specifier], n) => [`${project}/src/planted-${n}.ts`, importing(specifier)]));
  const broken = lint(files);
  const said = planted.map(([project, specifier, instead], n) => [project, specifier, textOf(broken, `${project}/src/planted-${n}.ts`).includes(instead)]);
  expect(said).toEqual(planted.map(([project, specifier]) => [project, specifier, true]));
});

test('type imports, dynamic imports and side effects are caught too', () => {
  const broken = lint({
    'libs/domain/src/type.ts': "import type { Stats } from 'node:fs';\nexport type Size = Stats;\n",
    'libs/domain/src/dynamic.ts': "export const open = () => import('node:fs');\n",
    'libs/domain/src/effect.ts': "import 'node:fs';\n",
  });
  expect(['type', 'dynamic', 'effect'].map((name) => textOf(broken, `libs/domain/src/${name}.ts`).includes('pure'))).toEqual([true, true, true]);
});

test('without its rules the lint would let every plant through', () => {
  const files = Object.fromEntries(planted.map(([project, specifier], n) => [`${project}/src/planted-${n}.ts`, importing(specifier)]));
  const broken = lint({ ...files, 'tools/fence/oxlintrc.fence.json': '{ "overrides": [] }' });
  expect([...broken.values()].flat().filter(({ rule }) => rule === banned)).toEqual([]);
});

test('for every project and every kind of import the lint and the table agree', () => {
  const npm = ['zod', 'semver', 'multiformats/cid', '@ipld/dag-cbor', 'tar', 'npm-packlist', 'libp2p', '@libp2p/tcp', '@multiformats/multiaddr'];
  const server = ['@nestjs/common', '@nestjs/testing', '@nats-io/transport-node', '@opentelemetry/api', 'fastify', 'pino', 'lodash', '@scope/any/deep'];
  const node = ['node:fs', 'node:fs/promises', 'node:crypto', 'node:sqlite'];
  const projects = importTable.map(({ folder }) => `@souk/${folder.split('/').at(-1)}`);
  const doors = ['peer', 'search', 'install', 'reputation', 'gateway'].map((name) => `@souk/${name}/module`);
  const specifiers = [...npm, ...server, ...node, ...projects, ...doors, '@souk/testing/builders', '@souk/testing/src/index.ts', '@souk/store/src/index.ts', '@jest/globals', 'fast-check'];
  const cells = importTable.flatMap((row) => specifiers.flatMap((specifier, n) => [false, true].map((inSpec) => ({ row, specifier, n, inSpec }))));
  const fileOf = ({ row, n, inSpec }: (typeof cells)[number]): string => `${row.folder}/src/deep/cell-${n}${inSpec ? '.spec' : ''}.ts`;

  const broken = lint(Object.fromEntries(cells.map((cell) => [fileOf(cell), importing(cell.specifier)])));
  const differing = cells.filter((cell) => mayImport(cell.row, cell.specifier, cell.inSpec) !== (textOf(broken, fileOf(cell)) === ''));
  expect(differing.map((cell) => `${fileOf(cell)}: ${cell.specifier}`)).toEqual([]);
  expect(cells.length).toBeGreaterThan(1_000);
});

test('imports inside a project stay free', () => {
  const broken = lint({
    'libs/store/src/deep/a.ts': "export * from './b.ts';\nexport * from '../c.ts';\nexport * from '../tar/libp2p.ts';\n",
    'apps/cli/src/commands/a.ts': "export * from '../tar.ts';\nexport * from './libp2p/nats.ts';\n",
  });
  expect([...broken.values()].flat().filter(({ rule }) => rule === banned)).toEqual([]);
});

test('the lint rules are written from the table as it is (npm run fence)', () => {
  expect(readFileSync('tools/fence/oxlintrc.fence.json', 'utf8')).toBe(lintFence());
});
