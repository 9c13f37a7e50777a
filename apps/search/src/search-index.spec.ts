import { beforeEach, expect, test } from '@jest/globals';
import { SearchQuery, type PackageSummary } from '@souk/contracts';
import { author } from '@souk/testing/builders';
import { fc } from '@souk/testing/properties';
import { SearchIndex } from './search-index.ts';

const publisher = author('ada').id;
let index: SearchIndex;

beforeEach(() => {
  index = new SearchIndex();
});

function doc(name: string, changes: Partial<Record<keyof PackageSummary, unknown>> = {}): PackageSummary {
  return { name, version: '1.0.0', kind: 'package', description: '', keywords: [], publisher, updatedAt: '2026-01-01T00:00:00.000Z', versions: 1, stars: 0, downloads: 0, ...changes } as PackageSummary;
}

const find = (query: Partial<SearchQuery>): string[] => index.query(SearchQuery.parse(query)).items.map((one) => one.name);

test('the very name comes first, then names that begin so, then keywords, then descriptions', () => {
  index.update([doc('terminal', { description: 'about chalk' }), doc('colors', { keywords: ['chalk'] }), doc('chalk-cli'), doc('chalk')], []);
  expect(find({ q: 'chalk' })).toEqual(['chalk', 'chalk-cli', 'colors', 'terminal']);
});

test('the beginning of a word is enough, accents and case do not matter, and all words count', () => {
  index.update([doc('react-app', { description: 'Création d’une application' }), doc('react-lib')], []);
  expect(find({ q: 'REA', sort: 'name' })).toEqual(['react-app', 'react-lib']);
  expect(find({ q: 'react creation' })).toEqual(['react-app']);
});

test('when nothing has all words, any of them is better than nothing', () => {
  index.update([doc('vite'), doc('react')], []);
  expect(find({ q: 'vite zebra' })).toEqual(['vite']);
});

test('what is typed is never an operator of the index', () => {
  index.update([doc('near-or-far')], []);
  for (const q of ['"', 'NEAR(', 'a OR', '*', 'name:x', '-', "'; DROP", 'near" OR "x', '(((', '\u0000']) expect(() => find({ q })).not.toThrow();
  expect(find({ q: 'NEAR(far' })).toEqual(['near-or-far']);
});

test('filters narrow, facets count the whole answer, totals are true and pages do not overlap', () => {
  index.update(Array.from({ length: 30 }, (_, i) => doc(`kit-${String(i).padStart(2, '0')}`, { kind: i % 3 === 0 ? 'template' : 'package', keywords: ['kit', i % 2 ? 'odd' : 'even'], license: 'MIT' })), []);
  const answer = index.query(SearchQuery.parse({ q: 'kit', kind: 'template', limit: 4 }));
  expect([answer.total, answer.items.length, answer.next]).toEqual([10, 4, 4]);
  expect(answer.facets.keyword).toEqual([{ value: 'kit', count: 10 }, { value: 'even', count: 5 }, { value: 'odd', count: 5 }]);
  const pages = [0, 10, 20].flatMap((offset) => find({ q: 'kit', limit: 10, offset }));
  expect(new Set(pages).size).toBe(30);
  expect(find({ keyword: 'odd', sort: 'name', limit: 1 })).toEqual(['kit-01']);
});

test('sorts by stars, downloads, date and name; a scope may be given with or without its sign', () => {
  index.update([doc('@team/a', { stars: 1, downloads: 9, updatedAt: '2026-01-03' }), doc('b', { stars: 5, downloads: 1, updatedAt: '2026-01-02' })], []);
  expect([find({ sort: 'stars' })[0], find({ sort: 'downloads' })[0], find({ sort: 'updated' })[0], find({ sort: 'name' })[0]]).toEqual(['b', '@team/a', '@team/a', '@team/a']);
  expect(find({ scope: 'team' })).toEqual(find({ scope: '@team' }));
});

test('a package that changes or goes is answered as it is now', () => {
  index.update([doc('kit', { description: 'old words' }), doc('gone')], []);
  index.update([doc('kit', { description: 'new words' })], ['gone', 'never-there']);
  expect(find({ q: 'old' })).toEqual([]);
  expect(find({ q: 'new' })).toEqual(['kit']);
  expect(index.size).toBe(1);
});

test('names that may have been meant', () => {
  index.update([doc('chalk'), doc('chance'), doc('zebra')], []);
  expect(index.near('chulk', 1)).toEqual(['chalk']);
});

test('facets are true again after packages changed and went, and name the most frequent values only', () => {
  const many = Array.from({ length: 40 }, (_, i) => doc(`p-${i}`, { keywords: ['all', ...Array.from({ length: i % 20 }, (_none, n) => `k${n}`)], license: i < 30 ? 'MIT' : 'ISC' }));
  index.update(many, []);
  index.update([doc('p-0', { keywords: ['other'] })], ['p-39', 'p-38']);
  const { facets, total } = index.query(SearchQuery.parse({ limit: 1 }));
  expect(total).toBe(38);
  expect(facets.keyword).toHaveLength(12);
  expect(facets.keyword.slice(0, 4)).toEqual([{ value: 'all', count: 37 }, { value: 'k0', count: 36 }, { value: 'k1', count: 34 }, { value: 'k2', count: 32 }]);
  expect(facets.license).toEqual([{ value: 'MIT', count: 29 }, { value: 'ISC', count: 8 }]);
  index.update([], many.map(({ name }) => name));
  expect(index.query(SearchQuery.parse({}))).toMatchObject({ total: 0, items: [], facets: { kind: [], keyword: [], license: [] } });
});

test('suggestions are the first answers', () => {
  index.update([doc('chalk-cli', { description: 'for the shell' }), doc('chalk')], []);
  expect(index.suggest('cha', 5)).toEqual([{ name: 'chalk', description: '' }, { name: 'chalk-cli', description: 'for the shell' }]);
  expect(index.suggest('cha', 1)).toHaveLength(1);
});

const word = fc.constantFrom('kit', 'kite', 'web', 'terminal', 'chalk');
const changed = fc.record({
  name: fc.constantFrom('kit', 'web-kit', 'chalk', '@team/terminal'),
  isGone: fc.boolean(),
  changes: fc.record({ description: fc.array(word, { maxLength: 3 }).map((words) => words.join(' ')), keywords: fc.array(word, { maxLength: 2 }), version: fc.constantFrom('1.0.0', '2.0.0'), license: fc.constantFrom('MIT', undefined) }),
});

test('an index that followed any history answers as one that was told the end of it only', () => {
  fc.assert(
    fc.property(fc.array(changed, { maxLength: 30 }), (history) => {
      const [followed, told] = [new SearchIndex(), new SearchIndex()];
      const end = new Map<string, PackageSummary>();
      for (const { name, isGone, changes } of history) {
        const one = doc(name, changes);
        followed.update(isGone ? [] : [one], isGone ? [name] : []);
        if (isGone) end.delete(name);
        else end.set(name, one);
      }
      told.update([...end.values()], []);
      for (const q of ['', 'k', 'kit', 'web chalk', 'terminal kit']) {
        const [{ tookMs: _a, ...a }, { tookMs: _b, ...b }] = [followed.query(SearchQuery.parse({ q })), told.query(SearchQuery.parse({ q }))];
        expect(a).toEqual(b);
      }
    }),
  );
});
