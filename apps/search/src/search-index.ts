import type { PackageSummary, SearchAnswer, SearchQuery } from '@souk/contracts';
import { nearNames } from '@souk/domain';
import { Facets } from './facets.ts';
import { firstOf } from './first-of.ts';
import { InvertedIndex, isSameText } from './inverted-index.ts';
import { NameBeginnings } from './name-beginnings.ts';
import { ordering } from './ordering.ts';
import { queryWords } from './words.ts';

/** The site's search index: a projection of the catalogue in memory, rebuilt from the peer at every start. */
export class SearchIndex {
  readonly #text = new InvertedIndex();
  readonly #facets = new Facets();
  readonly #names = new NameBeginnings();
  /** By their numbers; those that are free have none. */
  readonly #docs: (PackageSummary | undefined)[] = [];
  readonly #ids = new Map<string, number>();
  readonly #free: number[] = [];
  #isWhole = false;

  /** How many packages are indexed. */
  get size(): number {
    return this.#ids.size;
  }

  /** Whether a package is indexed. */
  has(name: string): boolean {
    return this.#ids.has(name);
  }

  /** Takes over packages as they are now, and forgets those that are gone. */
  update(packages: readonly PackageSummary[], gone: readonly string[]): void {
    for (const name of gone) this.#remove(name);
    for (const one of packages) this.#put(one);
  }

  /** Everything was read that there was when the service started: from now on answers are about the whole catalogue. */
  becomeWhole(): void {
    this.#isWhole = true;
  }

  /** Answers a query: true total, one page, facets over the whole answer. All words must match; if nothing has all, any of them. */
  query(query: SearchQuery): SearchAnswer {
    const start = performance.now();
    const hits = this.#hits(query);
    const end = query.offset + query.limit;
    const items = this.#first(hits, query, end).slice(query.offset);
    const facets = this.#facets.of(hits);
    return { total: hits.length, items, facets, ...(end < hits.length ? { next: end } : {}), tookMs: performance.now() - start, ...(this.#isWhole ? {} : { partial: true }) };
  }

  /** Packages whose name begins with, or has a word that begins with, what is typed. */
  suggest(q: string, limit: number): { name: string; description: string }[] {
    const query = { q, sort: 'relevance' as const, limit, offset: 0 };
    return this.#first(this.#hits(query), query, limit).map(({ name, description }) => ({ name, description }));
  }

  /** Names that someone may have meant. */
  near(name: string, limit: number): string[] {
    return nearNames(name, this.#ids.keys(), limit);
  }

  #put(one: PackageSummary): void {
    const id = this.#ids.get(one.name) ?? this.#free.pop() ?? this.#docs.length;
    const before = this.#docs[id];
    this.#docs[id] = one;
    this.#ids.set(one.name, id);
    this.#names.set(id, one.name);
    if (before) this.#facets.remove(id);
    this.#facets.add(id, one);
    // A new version mostly has the old words, and taking a word out looks through all packages that have it.
    if (before && isSameText(before, one)) return;
    if (before) this.#text.remove(id, before);
    this.#text.add(id, one);
  }

  #remove(name: string): void {
    const id = this.#ids.get(name);
    if (id === undefined) return;
    this.#text.remove(id, this.#doc(id));
    this.#facets.remove(id);
    this.#docs[id] = undefined;
    this.#ids.delete(name);
    this.#free.push(id);
  }

  #doc(id: number): PackageSummary {
    return this.#docs[id] as PackageSummary;
  }

  #hits(query: SearchQuery): Int32Array {
    return this.#facets.narrow(this.#found(queryWords(query.q)), query);
  }

  #found(words: readonly string[]): Int32Array {
    if (words.length === 0) return Int32Array.from(this.#ids.values());
    const all = this.#text.match(words, 'all');
    return all.length > 0 || words.length === 1 ? all : this.#text.match(words, 'any');
  }

  #first(hits: Int32Array, { sort, q }: SearchQuery, count: number): PackageSummary[] {
    const isAboutWords = queryWords(q).length > 0;
    const ordered = { size: this.#docs.length, doc: (id: number) => this.#doc(id), score: (id: number) => (isAboutWords ? this.#text.score(id) : 0), names: this.#names };
    return firstOf(hits, count, ordering(sort, q, hits, ordered)).map((id) => this.#doc(id));
  }
}
