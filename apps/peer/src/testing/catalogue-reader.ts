import type { PackageSummary } from '@souk/contracts';
import type { Changes } from '../catalogue/change-page.ts';

/** What a reader asks. */
export interface ReadFrom {
  after(cursor: number, limit: number): Promise<Changes>;
  decidedAfter(cursor: number, limit: number): Promise<Changes>;
}

/** A projection of the catalogue as the search service keeps one: along the records, and along what the site decided. */
export class CatalogueReader {
  readonly packages = new Map<string, PackageSummary>();
  readonly #source: ReadFrom;
  #cursor = 0;
  #decided = 0;

  constructor(source: ReadFrom) {
    this.#source = source;
  }

  /** Reads one page of each; whether that was all there is. */
  async page(limit: number): Promise<boolean> {
    const changes = await this.#source.after(this.#cursor, limit);
    this.#take(changes);
    const decided = await this.#source.decidedAfter(this.#decided, limit);
    this.#take(decided);
    [this.#cursor, this.#decided] = [changes.next, decided.next];
    return changes.caughtUp && decided.caughtUp;
  }

  /** Reads all there is. Throws when it gets nowhere. */
  async catchUp(limit: number): Promise<this> {
    for (let pages = 0; !(await this.page(limit)); pages += 1) if (pages > 10_000) throw new Error(`a reader stands still at ${this.#cursor} and ${this.#decided}`);
    return this;
  }

  #take({ packages, gone }: Changes): void {
    for (const name of gone) this.packages.delete(name);
    for (const one of packages) this.packages.set(one.name, one);
  }
}
