import type { OnApplicationShutdown } from '@nestjs/common';
import type { PackageSummary, SearchAnswer, SearchQuery } from '@souk/contracts';
import { nearNames, scopeOf } from '@souk/domain';
import { facetsOf } from './facets.ts';
import { FullText, type Hit } from './full-text.ts';
import { matchExpression, wordsOf } from './match-expression.ts';
import { ordering } from './ordering.ts';

/** The site's search index: a projection of the catalogue, rebuilt from the peer at every start. */
export class SearchIndex implements OnApplicationShutdown {
  readonly #text = new FullText();
  readonly #docs = new Map<number, PackageSummary>();
  readonly #ids = new Map<string, number>();
  #nextId = 1;

  /** How many packages are indexed. */
  get size(): number {
    return this.#docs.size;
  }

  /** Takes over packages as they are now, and forgets those that are gone. */
  update(packages: readonly PackageSummary[], gone: readonly string[]): void {
    this.#text.inOne(() => {
      for (const name of gone) this.#remove(name);
      for (const one of packages) this.#put(one);
    });
  }

  #put(one: PackageSummary): void {
    this.#remove(one.name);
    const id = this.#nextId++;
    this.#text.add(id, one);
    this.#docs.set(id, one);
    this.#ids.set(one.name, id);
  }

  #remove(name: string): void {
    const id = this.#ids.get(name);
    if (id === undefined) return;
    this.#text.remove(id);
    this.#docs.delete(id);
    this.#ids.delete(name);
  }

  /** Answers a query: true total, one page, facets over the whole answer. All words must match; if nothing has all, any of them. */
  query(query: SearchQuery): SearchAnswer {
    const start = performance.now();
    const hits = this.#hits(query).filter((hit) => this.#passes(hit.doc, query));
    hits.sort(ordering(query.sort, query.q));
    const end = query.offset + query.limit;
    return {
      total: hits.length,
      items: hits.slice(query.offset, end).map((hit) => hit.doc),
      facets: facetsOf(hits.map((hit) => hit.doc)),
      ...(end < hits.length ? { next: end } : {}),
      tookMs: performance.now() - start,
    };
  }

  #hits(query: SearchQuery): { doc: PackageSummary; score: number }[] {
    if (wordsOf(query.q).length === 0) return [...this.#docs.values()].map((doc) => ({ doc, score: 0 }));
    const all = this.#text.match(matchExpression(query.q) as string);
    const found: Hit[] = all.length > 0 ? all : this.#text.match(matchExpression(query.q, 'OR') as string);
    return found.map(({ id, score }) => ({ doc: this.#docs.get(id) as PackageSummary, score }));
  }

  #passes(doc: PackageSummary, query: SearchQuery): boolean {
    return (
      (query.kind === undefined || doc.kind === query.kind) &&
      (query.keyword === undefined || doc.keywords.includes(query.keyword)) &&
      (query.publisher === undefined || doc.publisher === query.publisher) &&
      (query.license === undefined || doc.license === query.license) &&
      (query.scope === undefined || scopeOf(doc.name) === query.scope.replace(/^@/, ''))
    );
  }

  /** Packages whose name begins with, or has a word that begins with, what is typed. */
  suggest(q: string, limit: number): { name: string; description: string }[] {
    const answer = this.query({ q, sort: 'relevance', limit, offset: 0 });
    return answer.items.map(({ name, description }) => ({ name, description }));
  }

  /** Names that someone may have meant. */
  near(name: string, limit: number): string[] {
    return nearNames(name, this.#ids.keys(), limit);
  }

  onApplicationShutdown(): void {
    this.#text.close();
  }
}
