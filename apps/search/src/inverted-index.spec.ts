import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { InvertedIndex, type SearchableText } from './inverted-index.ts';
import { Fts5Reference } from './testing/fts5-reference.ts';
import { queryWords } from './words.ts';

let index: InvertedIndex;
let reference: Fts5Reference;

beforeEach(() => {
  index = new InvertedIndex();
  reference = new Fts5Reference();
});
afterEach(() => reference.close());

const text = (name: string, keywords: string[] = [], description = ''): SearchableText => ({ name, keywords, description }) as SearchableText;

function expectSame(q: string, which: 'all' | 'any'): void {
  const words = queryWords(q);
  const expected = reference.match(words, which);
  const found = index.match(words, which);
  expect([q, [...found].sort((a, b) => a - b)]).toEqual([q, [...expected.keys()].sort((a, b) => a - b)]);
  for (const doc of found) expect(index.score(doc)).toBeCloseTo(expected.get(doc) as number, 9);
}

/** Few syllables, so that beginnings are shared, words are repeated and documents agree in some of them. */
const word = fc.array(fc.constantFrom('li', 'b', 'ra', 'ré', 'Ö', 'x1', '日本', 'z'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
const sentence = (maxLength: number): fc.Arbitrary<string> => fc.array(word, { maxLength }).map((words) => words.join(' - '));
const document = fc.record({ name: sentence(3), keywords: fc.array(word, { maxLength: 3 }), description: sentence(8) }) as unknown as fc.Arbitrary<SearchableText>;

test('finds and ranks as FTS5 does, also after documents were removed and their numbers given to others', () => {
  const scene = fc.record({ documents: fc.array(document, { minLength: 2, maxLength: 12 }), removed: fc.nat(3), queries: fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }) });
  fc.assert(
    fc.property(scene, ({ documents, removed, queries }) => {
      [index, reference] = [new InvertedIndex(), (reference.close(), new Fts5Reference())];
      documents.forEach((one, id) => [index, reference].forEach((each) => each.add(id + 1, one)));
      for (const [at, old] of documents.slice(0, removed).entries()) {
        index.remove(at + 1, old);
        reference.remove(at + 1);
        const other = documents.at(-1) as SearchableText;
        if (at > 0) for (const each of [index, reference]) each.add(at + 1, other);
      }
      for (const words of queries) for (const which of ['all', 'any'] as const) if (queryWords(words.join(' ')).length > 0) expectSame(words.join(' '), which);
    }),
    { numRuns: 150 },
  );
});

test.each(['l', 'li', 'lib', 'libx', 'lib lib', 'lib x', 'LIB', 'xyz', 'crea', 'création', 'a1 b2'])('%s has the hits and scores of FTS5', (q) => {
  const documents = [text('lib', ['libx'], 'a lib for libs'), text('libx11', [], 'x'), text('l', ['li', 'lib']), text('Création', [], 'd’une application'), text('a1-b2', ['a1'], 'b2 B2'), text('', [], '')];
  documents.forEach((one, id) => [index, reference].forEach((each) => each.add(id, one)));
  expectSame(q, 'all');
  expectSame(q, 'any');
});

test('thousands of documents need no more than their numbers', () => {
  for (let doc = 0; doc < 3000; doc++) index.add(doc, text(`name-${doc}`, ['same']));
  expect(index.match(['same'], 'all')).toHaveLength(3000);
  expect([...index.match(['name', '2999'], 'all')]).toEqual([2999]);
  for (let doc = 0; doc < 3000; doc++) index.remove(doc, text(`name-${doc}`, ['same']));
  expect(index.match(['same'], 'any')).toHaveLength(0);
});
