import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { nearNames } from './near-names.ts';

const names = ['chalk', 'chalk-cli', 'color', 'colors', 'color-name', 'debug', 'degit', 'has-flag', 'ms', 'mitt', '@team/chalk', 'express'];

test.each([
  ['chlak', ['chalk']],
  ['chakl', ['chalk']],
  ['colour', ['color', 'colors']],
  ['exprss', ['express']],
  ['has-falg', ['has-flag']],
  ['mz', ['ms']],
  ['@tem/chalk', ['@team/chalk', 'chalk']],
  ['nothing-like-it', []],
  ['', []],
])('%j is near to %j', (name, near) => {
  expect(nearNames(name, names)).toEqual(near);
});

test('gives at most n, nearest first, and never the name itself', () => {
  expect(nearNames('color', [...names, 'colr'], 2)).toEqual(['colors', 'colr']);
  expect(nearNames('color', [...names, 'colr'], 0)).toEqual([]);
});

/** The textbook table of the optimal string alignment distance. */
function distance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (__, j) => (i === 0 ? j : j === 0 ? i : 0)));
  const at = (i: number, j: number) => table[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      let cost = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, at(i - 2, j - 2) + 1);
      (table[i] as number[])[j] = cost;
    }
  }
  return at(a.length, b.length);
}

test('finds exactly the names within one edit per three characters, three at most', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(word, fc.uniqueArray(word, { maxLength: 20 }), (name, candidates) => {
      const limit = Math.min(3, Math.max(1, Math.floor(name.length / 3)));
      const expected = candidates.filter((one) => one !== name && distance(name, one) <= limit);
      expect(nearNames(name, candidates, 100).sort()).toEqual(expected.sort());
    }),
    { numRuns: 1000 },
  );
});
