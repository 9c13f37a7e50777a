import type { PackageSummary, SearchAnswer, SearchQuery } from '@souk/contracts';
import { scopeOf } from '@souk/domain';
import { Interned } from './interned.ts';
import { NumberLists } from './number-lists.ts';

/** Most values that a facet lists. */
const maxValues = 12;

/** What answers can be narrowed by. */
type FacetName = 'kind' | 'keyword' | 'license' | 'publisher' | 'scope';

/** What a package counts for in a facet. */
const valuesOf: Readonly<Record<FacetName, (doc: PackageSummary) => readonly (string | undefined)[]>> = {
  kind: (doc) => [doc.kind],
  keyword: (doc) => doc.keywords,
  license: (doc) => [doc.license],
  publisher: (doc) => [doc.publisher],
  scope: (doc) => [scopeOf(doc.name)],
};
const names = Object.keys(valuesOf) as FacetName[];

/** How often each value of one facet occurs among some documents. */
class Facet {
  readonly #values = new Interned();
  readonly #lists = new NumberLists();
  /** By value; zero between calls. */
  #counts = new Uint32Array(64);

  add(doc: number, values: readonly (string | undefined)[]): void {
    this.#lists.set(doc, values.flatMap((value) => (value === undefined ? [] : [this.#values.take(value)])));
  }

  remove(doc: number): void {
    for (const value of this.#lists.take(doc)) this.#values.give(value);
  }

  /** Those of some documents that have a value. */
  having(docs: Int32Array, value: string): Int32Array {
    const number = this.#values.find(value);
    return number === undefined ? new Int32Array(0) : this.#lists.having(docs, number);
  }

  /** The most frequent values, ties by value. */
  top(docs: Int32Array): { value: string; count: number }[] {
    if (this.#counts.length < this.#values.size) this.#counts = new Uint32Array(2 * this.#values.size);
    const counts = this.#counts;
    const seen = this.#lists.count(docs, counts);
    const least = leastOfTop(seen, counts);
    const top = seen.filter((value) => (counts[value] as number) >= least).map((value) => ({ value: this.#values.text(value), count: counts[value] as number }));
    for (const value of seen) counts[value] = 0;
    return top.sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1)).slice(0, maxValues);
  }
}

/** The count that a value needs to be among the most frequent ones. */
function leastOfTop(values: readonly number[], counts: Uint32Array): number {
  const top: number[] = [];
  for (const value of values) {
    const count = counts[value] as number;
    if (top.length === maxValues && count <= (top[0] as number)) continue;
    if (top.length === maxValues) top.shift();
    const at = top.findIndex((one) => one > count);
    top.splice(at === -1 ? top.length : at, 0, count);
  }
  return top[0] ?? 0;
}

/** How answers divide by kind, keyword and license, and which of them have what someone asks for. */
export class Facets {
  readonly #facets: Readonly<Record<FacetName, Facet>> = { kind: new Facet(), keyword: new Facet(), license: new Facet(), publisher: new Facet(), scope: new Facet() };

  /** Takes a document; its number must be free. */
  add(doc: number, summary: PackageSummary): void {
    for (const name of names) this.#facets[name].add(doc, valuesOf[name](summary));
  }

  /** Forgets a document. */
  remove(doc: number): void {
    for (const facet of Object.values(this.#facets)) facet.remove(doc);
  }

  /** Those of some documents that a query does not leave out. */
  narrow(docs: Int32Array, query: Pick<SearchQuery, FacetName>): Int32Array {
    const wanted = { ...query, ...(query.scope === undefined ? {} : { scope: query.scope.replace(/^@/, '') }) };
    return names.reduce((left, name) => (wanted[name] === undefined ? left : this.#facets[name].having(left, wanted[name])), docs);
  }

  /** The most frequent values among these documents, of each facet that answers have. */
  of(docs: Int32Array): SearchAnswer['facets'] {
    const { kind, keyword, license } = this.#facets;
    return { kind: kind.top(docs), keyword: keyword.top(docs), license: license.top(docs) };
  }
}
