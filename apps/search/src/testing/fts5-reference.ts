import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SearchableText } from '../inverted-index.ts';

/** SQLite's FTS5 with the same fields, weights and words as `InvertedIndex`: what that must agree with. For specs. */
export class Fts5Reference {
  readonly #db = new DatabaseSync(':memory:');
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #match: StatementSync;

  constructor() {
    this.#db.exec(`CREATE VIRTUAL TABLE docs USING fts5(name, keywords, description, tokenize="unicode61 remove_diacritics 2")`);
    this.#insert = this.#db.prepare('INSERT INTO docs (rowid, name, keywords, description) VALUES (?, ?, ?, ?)');
    this.#delete = this.#db.prepare('DELETE FROM docs WHERE rowid = ?');
    this.#match = this.#db.prepare('SELECT rowid AS id, -bm25(docs, 10.0, 4.0, 1.0) AS score FROM docs WHERE docs MATCH ?');
  }

  add(id: number, { name, keywords, description }: SearchableText): void {
    this.#insert.run(id, name, keywords.join(' '), description);
  }

  remove(id: number): void {
    this.#delete.run(id);
  }

  /** Documents that have all words, or any of them, as beginnings of words, with their scores: higher is better. */
  match(words: readonly string[], which: 'all' | 'any'): Map<number, number> {
    const rows = this.#match.all(words.map((word) => `"${word}"*`).join(which === 'all' ? ' AND ' : ' OR '));
    return new Map(rows.map((row) => [row['id'] as number, row['score'] as number]));
  }

  close(): void {
    this.#db.close();
  }
}
