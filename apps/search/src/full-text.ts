import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { PackageSummary } from '@souk/contracts';

/** Weights of a hit in the name, the keywords and the description. */
const weights = '10.0, 4.0, 1.0';

/** A document of the index by its number, and how well it fits: lower is better (SQLite's bm25). */
export interface Hit {
  readonly id: number;
  readonly score: number;
}

/** SQLite FTS5 in memory over names, keywords and descriptions; numbers in, numbers out. */
export class FullText {
  readonly #db = new DatabaseSync(':memory:');
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #match: StatementSync;

  constructor() {
    this.#db.exec(`CREATE VIRTUAL TABLE docs USING fts5(name, keywords, description, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2", prefix='2 3')`);
    this.#insert = this.#db.prepare('INSERT INTO docs (rowid, name, keywords, description) VALUES (?, ?, ?, ?)');
    this.#delete = this.#db.prepare('DELETE FROM docs WHERE rowid = ?');
    this.#match = this.#db.prepare(`SELECT rowid AS id, bm25(docs, ${weights}) AS score FROM docs WHERE docs MATCH ?`);
  }

  /** Runs changes as one transaction. */
  inOne(change: () => void): void {
    this.#db.exec('BEGIN');
    try {
      change();
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Adds a document; the number must be free. */
  add(id: number, one: Pick<PackageSummary, 'name' | 'keywords' | 'description'>): void {
    this.#insert.run(id, one.name, one.keywords.join(' '), one.description);
  }

  /** Removes a document. */
  remove(id: number): void {
    this.#delete.run(id);
  }

  /** All documents that match an FTS5 expression, in no order. */
  match(expression: string): Hit[] {
    return this.#match.all(expression) as unknown as Hit[];
  }

  /** Closes the index. */
  close(): void {
    this.#db.close();
  }
}
