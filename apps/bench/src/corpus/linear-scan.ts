import type { SearchableDoc, BenchQuery } from './search-queries.ts';

/** The baseline of search: looks at every document, text prepared in advance. */
export class LinearScan {
  readonly #docs: readonly { readonly doc: SearchableDoc; readonly text: string }[];

  constructor(docs: readonly SearchableDoc[]) {
    this.#docs = docs.map((doc) => ({ doc, text: ` ${`${doc.name} ${doc.keywords.join(' ')} ${doc.description}`.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ')}` }));
  }

  /** How many documents have all words as beginnings of words and pass the filters, and the first page of them by name. */
  query({ q = '', kind, keyword, publisher, limit = 20, offset = 0 }: BenchQuery['query']): { total: number; names: string[] } {
    const words = q.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    const found: string[] = [];
    for (const { doc, text } of this.#docs) {
      if (kind !== undefined && doc.kind !== kind) continue;
      if (publisher !== undefined && doc.publisher !== publisher) continue;
      if (keyword !== undefined && !doc.keywords.includes(keyword)) continue;
      if (words.every((word) => text.includes(` ${word}`))) found.push(doc.name);
    }
    found.sort();
    return { total: found.length, names: found.slice(offset, offset + limit) };
  }
}
