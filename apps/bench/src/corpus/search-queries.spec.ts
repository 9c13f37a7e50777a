import { expect, test } from '@jest/globals';
import { KeyId, manifestOf, PackageName } from '@souk/domain';
import { author } from '@souk/testing/builders';
import { generatedPackages } from './generated-packages.ts';
import { LinearScan } from './linear-scan.ts';
import { searchQueries, type SearchableDoc } from './search-queries.ts';

const publishers = ['a', 'b', 'c'].map((name) => KeyId.parse(author(name).id));
const docs: SearchableDoc[] = generatedPackages(400, 1).map((one, number) => {
  const { name, kind, manifest } = manifestOf(one);
  return { name, kind, description: manifest.description ?? '', keywords: manifest.keywords ?? [], publisher: publishers[number % 3] as KeyId };
});

test('queries are distinct, of every sort in its share, and the same for a seed', () => {
  const queries = searchQueries(docs, 500, 1);
  expect(queries).toEqual(searchQueries(docs, 500, 1));
  expect(new Set(queries.map(({ query }) => JSON.stringify(query))).size).toBe(500);
  const counts = Object.groupBy(queries, ({ sort }) => sort);
  expect(Object.fromEntries(Object.entries(counts).map(([sort, all]) => [sort, all.length]))).toEqual({ word: 150, prefix: 100, 'two words': 100, filter: 100, name: 50 });
});

test('documents that do not give enough queries are refused', () => {
  expect(() => searchQueries(docs.slice(0, 1), 500, 1)).toThrow(RangeError);
});

test('the linear scan finds every query that has words of one document, and the very package of a name', () => {
  const scan = new LinearScan(docs);
  for (const { sort, query } of searchQueries(docs, 500, 2)) {
    const { total } = scan.query(query);
    if (query.offset === undefined) expect({ query, found: total > 0 }).toEqual({ query, found: true });
    if (sort === 'name') expect(scan.query({ ...query, limit: 100 }).names).toContain(query.q);
  }
});

test('the linear scan keeps to filters, beginnings of words and pages', () => {
  const [publisher] = publishers as [KeyId];
  const doc = (name: string, more: Partial<SearchableDoc> = {}): SearchableDoc => ({ name: PackageName.parse(name), kind: 'package', description: '', keywords: [], publisher, ...more });
  const scan = new LinearScan([doc('json-parser'), doc('parser', { kind: 'template' }), doc('x', { description: 'A JSON thing', keywords: ['json'] }), doc('bjson')]);
  expect(scan.query({ q: 'json' })).toEqual({ total: 2, names: ['json-parser', 'x'] });
  expect(scan.query({ q: 'json pars' })).toEqual({ total: 1, names: ['json-parser'] });
  expect(scan.query({ kind: 'template' })).toEqual({ total: 1, names: ['parser'] });
  expect(scan.query({ keyword: 'json' })).toEqual({ total: 1, names: ['x'] });
  expect(scan.query({ limit: 2, offset: 1 })).toEqual({ total: 4, names: ['json-parser', 'parser'] });
});
