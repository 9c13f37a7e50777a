import { expect, test } from '@jest/globals';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, top, withFiles } from './workbench.ts';

const project = (references: string[]): string =>
  JSON.stringify({
    extends: '../../tsconfig.base.json',
    compilerOptions: { rootDir: 'src', outDir: 'dist', types: [] },
    include: ['src/**/*.ts'],
    references: references.map((path) => ({ path })),
  });

const compile = (source: string): { code: number; output: string } =>
  withFiles(
    {
      'libs/inner/tsconfig.json': project([]),
      'libs/inner/src/index.ts': 'export const inside = 1;\n',
      'libs/outer/tsconfig.json': project(['../inner']),
      'libs/outer/src/index.ts': source,
      'package.json': '{ "type": "module" }',
    },
    (folder) => {
      cpSync(join(top, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
      return runTool('tsc', ['-b', 'libs/outer'], folder);
    },
  );

test('the compiler refuses a relative import of a project that is not referred to', () => {
  expect(compile("export { inside } from '../../other/src/index.ts';\n").code).not.toBe(0);
});

test('the compiler refuses a relative import even of a project that is referred to', () => {
  const { code, output } = compile("export { inside } from '../../inner/src/index.ts';\n");
  expect({ code: code !== 0, says: /error TS(2877|2878|6059|6307)/.test(output), output }).toMatchObject({ code: true, says: true });
});

test('the same projects compile without it', () => {
  expect(compile('export const outside = 2;\n')).toEqual({ code: 0, output: '' });
});
