import type { SearchQuery } from '@souk/contracts';
import type { PackageSummary } from '@souk/contracts';
import { seededRandom, type SeededRandom } from './seeded-random.ts';

/** What a query is drawn from: the words of a package that search knows. */
export type SearchableDoc = Pick<PackageSummary, 'name' | 'kind' | 'description' | 'keywords' | 'publisher'>;

/** A query as it goes into a URL, and which mix it belongs to. */
export interface BenchQuery {
  readonly sort: 'word' | 'prefix' | 'two words' | 'filter' | 'name';
  readonly query: Partial<Pick<SearchQuery, 'q' | 'kind' | 'keyword' | 'publisher' | 'sort' | 'limit' | 'offset'>>;
}

type Make = (doc: SearchableDoc, random: SeededRandom) => BenchQuery['query'] | undefined;

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [];
const wordsIn = (doc: SearchableDoc): string[] => wordsOf(`${doc.name} ${doc.keywords.join(' ')} ${doc.description}`);

const makers: Record<BenchQuery['sort'], Make> = {
  word: (doc, random) => {
    const words = wordsIn(doc);
    return words.length === 0 ? undefined : { q: random.pick(words) };
  },
  prefix: (doc, random) => ({ q: doc.name.slice(0, 2 + random.below(4)) }),
  'two words': (doc, random) => {
    const words = [...new Set(wordsIn(doc))];
    if (words.length < 2) return undefined;
    const first = random.pick(words);
    return { q: `${first} ${random.pick(words.filter((word) => word !== first))}` };
  },
  filter: (doc, random) => {
    const words = wordsIn(doc);
    const q = words.length > 0 && random.next() < 0.7 ? { q: random.pick(words) } : {};
    const order = random.next() < 0.3 ? ({ sort: random.pick(['name', 'updated'] as const) } as const) : {};
    const which = random.next();
    if (which < 0.4) return { ...q, ...order, publisher: doc.publisher };
    if (which < 0.8 && doc.keywords.length > 0) return { ...q, ...order, keyword: random.pick(doc.keywords) };
    return { ...q, ...order, kind: doc.kind, offset: 20 * random.below(3) };
  },
  name: (doc) => ({ q: doc.name }),
};

/** Of ten queries, as people ask them. */
const usual: readonly BenchQuery['sort'][] = ['word', 'word', 'word', 'prefix', 'prefix', 'two words', 'two words', 'filter', 'filter', 'name'];

/** Of ten queries where there are many and few documents, which have not so many single words. */
export const manyQueriesMix: readonly BenchQuery['sort'][] = ['word', 'prefix', 'two words', 'two words', 'two words', 'two words', 'filter', 'filter', 'filter', 'name'];

/** `count` distinct queries of these documents: whole words, beginnings of names, two words, filters, names. Always the same for a seed. */
export function searchQueries(docs: readonly SearchableDoc[], count: number, seed: number, mix = usual): BenchQuery[] {
  const random = seededRandom(seed);
  const known = new Set<string>();
  const queries: BenchQuery[] = [];
  for (let tries = 0; queries.length < count; tries++) {
    if (tries > count * 100) throw new RangeError(`These documents do not give ${count} distinct queries.`);
    const sort = mix[queries.length % mix.length] as BenchQuery['sort'];
    const query = makers[sort](random.pick(docs), random);
    const id = JSON.stringify(query);
    if (query === undefined || known.has(id)) continue;
    known.add(id);
    queries.push({ sort, query });
  }
  return queries;
}
