import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { chartFile, chartFiles } from './chart-files.ts';
import { valuesTable } from './values-table.ts';

test.each([...chartFiles()])('%s of the chart is what it is made from; else: npm run chart', (name, text) => {
  expect(readFileSync(chartFile(name), 'utf8')).toBe(text);
});

test('a value is described by the comment before it, a group by those of its values', () => {
  const text = '# About the file.\n\n# -- What a is for:\n# two lines.\na: 1\n\ngroup:\n  # -- One | two.\n  b: { c: [x] }\n  # -- Nothing yet.\n  d: null\n';
  expect(valuesTable(text).split('\n').slice(2)).toEqual(['| `a` | `1` | What a is for: two lines. |', '| `group.b` | `{"c":["x"]}` | One \\| two. |', '| `group.d` | `null` | Nothing yet. |', '']);
});

test('a value without a description is refused', () => {
  expect(() => valuesTable('a:\n  # plain\n  b: 1\n')).toThrow('a.b has no description');
});
