import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { lint } from './workbench.ts';
import { undocumentedExports } from './undocumented-exports.ts';

const sources = globSync('{apps,libs}/*/src/**/*.ts').concat(globSync('e2e/src/**/*.ts'), globSync('tools/**/*.{ts,mjs}'));
const lines = (count: number): string => 'step();\n'.repeat(count);

const rulesBrokenBy = (source: string): string[] => (lint({ 'libs/store/src/planted.ts': source }).get('libs/store/src/planted.ts') ?? []).map(({ rule }) => rule);

test('a file of 301 lines and a function of 51 are refused, 300 and 50 are not', () => {
  expect(rulesBrokenBy(lines(301))).toEqual(['eslint(max-lines)']);
  expect(rulesBrokenBy(lines(300))).toEqual([]);
  expect(rulesBrokenBy(`export function long(): void {\n${lines(49)}}\n`)).toEqual(['eslint(max-lines-per-function)']);
  expect(rulesBrokenBy(`export function long(): void {\n${lines(48)}}\n`)).toEqual([]);
});

test.each([
  ['import(no-default-export)', 'export default 1;\n'],
  ['typescript(no-explicit-any)', 'export const x: any = 1;\n'],
  ['typescript(no-non-null-assertion)', 'export const x = (y?: { z: number }) => y!.z;\n'],
  ['eslint(no-warning-comments)', '// TODO: later\nexport const x = 1;\n'],
  ['eslint(no-console)', "console.log('x');\n"],
  ['node(no-process-env)', 'export const x = process.env;\n'],
])('%s bites', (rule, source) => {
  expect(rulesBrokenBy(source)).toEqual([rule]);
});

// Put together here, or this file would find itself.
const off = ['dis', 'able'].join('');
const blanket = new RegExp(`(?:eslint|oxlint)-${off}(?!-(?:next-)?line [\\w/@-]+ -- \\S)|@ts-(?:ignore|nocheck)`);
const fence = new RegExp(`(?:eslint|oxlint)-${off}\\S* .*(?:max-lines|no-restricted-imports)`);

test('no file switches the lint off but for one rule on one line with a reason, and never the size or import rules', () => {
  const files = sources.filter((file) => file !== 'tools/fence/house-rules.spec.ts');
  expect(files.filter((file) => blanket.test(readFileSync(file, 'utf8')) || fence.test(readFileSync(file, 'utf8')))).toEqual([]);
  expect(files.length).toBeGreaterThan(15);
});

test.each([
  ['eslint-DIS', true, false],
  ['oxlint-DIS no-console', true, false],
  ['oxlint-DIS-next-line', true, false],
  ['oxlint-DIS-next-line no-console', true, false],
  ['oxlint-DIS-next-line no-console -- the CLI prints', false, false],
  ['eslint-DIS-line typescript/no-explicit-any -- a third party type', false, false],
  ['oxlint-DIS-next-line max-lines -- long', false, true],
  ['oxlint-DIS-next-line no-restricted-imports -- needed', false, true],
])('the comment %s is blanket: %s, about the fence: %s', (comment, isBlanket, isAboutFence) => {
  const line = `// ${comment.replace('DIS', off)}`;
  expect([blanket.test(line), fence.test(line)]).toEqual([isBlanket, isAboutFence]);
});

test('every export has a doc comment', () => {
  const shipped = sources.filter((file) => /^(apps|libs)\/.*(?<!\.spec)\.ts$/.test(file));
  const missing = shipped.flatMap((file) => undocumentedExports(readFileSync(file, 'utf8')).map((name) => `${file}: ${name}`));
  expect(missing).toEqual([]);
});

test('an export without a doc comment is found, whatever it is', () => {
  const source = `
export const bare = 1;

/** Documented. */
@Decorated({
  with: 'options',
})
export class Fine {}

/** Documented. */
export const Schema = z.string();
export type Schema = z.infer<typeof Schema>;

/** Documented. */
export const levels = ['debug', 'info'] as const;
export type Level = (typeof levels)[number];
export type Stray = (typeof bare)[number];

/** Documented for both signatures. */
export function twice(x: string): string;
export function twice(x: number): string;
export function twice(x: string | number): string {
  return String(x);
}
export interface Close {}

// Not a doc comment.
export type Alias = string;
export { bare as other };
export * from './x.ts';
`;
  expect(undocumentedExports(source)).toEqual(['bare', 'Stray', 'Close', 'Alias']);
});
