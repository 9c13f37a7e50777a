import type { PackageSummary } from '@souk/contracts';
import { Terms } from './terms.ts';
import { wordsIn } from './words.ts';

/** What of a package is searched. */
export type SearchableText = Pick<PackageSummary, 'name' | 'keywords' | 'description'>;

/** How much a word weighs in the name, in the keywords and in the description. */
const weights = { name: 10, keywords: 4, description: 1 } as const;
/** Constants of BM25 (Robertson and Zaragoza, 2009), as SQLite's FTS5 has them. */
const [k1, b, leastIdf] = [1.2, 0.75, 1e-6];

/** Whether two packages say the same to whoever searches. */
export function isSameText(a: SearchableText, b: SearchableText): boolean {
  return a.name === b.name && a.description === b.description && a.keywords.length === b.keywords.length && a.keywords.every((one, at) => one === b.keywords[at]);
}

/** What a document says: its terms with their weights, and of how many words it consists. */
function readText({ name, keywords, description }: SearchableText): { terms: Map<string, number>; length: number } {
  const terms = new Map<string, number>();
  let length = 0;
  const take = (text: string, weight: number): void => {
    for (const word of wordsIn(text)) {
      terms.set(word, (terms.get(word) ?? 0) + weight);
      length += 1;
    }
  };
  take(name, weights.name);
  take(keywords.join(' '), weights.keywords);
  take(description, weights.description);
  return { terms, length };
}

/**
 * A full-text index in memory: documents are small numbers, queries are beginnings of words, ranks are those of BM25. Words that someone has
 * typed three letters of are in a third of all packages, so what a hit costs is what counts: here an addition in an array.
 */
export class InvertedIndex {
  readonly #terms = new Terms();
  #count = 0;
  #totalLength = 0;
  /** Words of each document. */
  #lengths = new Float64Array(1024);
  /** Of the query that is answered. Frequencies and matched words are by document and zero between queries; scores are by document, too. */
  #scores = new Float64Array(1024);
  #frequencies = new Float64Array(1024);
  #matched = new Uint8Array(1024);
  /** Documents with one word of it, and with any so far. */
  #here = new Int32Array(1024);
  #found = new Int32Array(1024);

  /** Adds a document; the number must be free, and small: memory grows with the highest. */
  add(doc: number, text: SearchableText): void {
    this.#makeRoomFor(doc);
    const { terms, length } = readText(text);
    for (const [term, weight] of terms) this.#terms.add(term, doc, weight);
    this.#lengths[doc] = length;
    this.#totalLength += length;
    this.#count += 1;
  }

  /** Removes a document; the text must be the one that was added. */
  remove(doc: number, text: SearchableText): void {
    const { terms, length } = readText(text);
    for (const term of terms.keys()) this.#terms.remove(term, doc);
    this.#totalLength -= length;
    this.#count -= 1;
  }

  /** Documents in which all words occur as beginnings of words, or any of them, in no order. They and the scores of `score` stand until the next call. */
  match(words: readonly string[], which: 'all' | 'any'): Int32Array {
    let count = 0;
    for (const word of words) count = this.#takeWord(word, count);
    const [found, matched] = [this.#found, this.#matched];
    let hits = 0;
    for (let at = 0; at < count; at++) {
      const doc = found[at] as number;
      if (which === 'any' || matched[doc] === words.length) found[hits++] = doc;
      matched[doc] = 0;
    }
    return found.subarray(0, hits);
  }

  /** How well a document fits the words of the last `match` that found it; higher is better. */
  score(doc: number): number {
    return this.#scores[doc] as number;
  }

  /** Adds what a word says to the scores, and the documents with it to the `count` that were found so far; returns how many there are then. */
  #takeWord(word: string, count: number): number {
    const [here, frequencies, scores, matched, lengths, found] = [this.#here, this.#frequencies, this.#scores, this.#matched, this.#lengths, this.#found];
    const hits = this.#sumUp(word);
    const idf = Math.max(Math.log((this.#count - hits + 0.5) / (hits + 0.5)), leastIdf);
    const average = this.#totalLength / this.#count;
    let end = count;
    for (let at = 0; at < hits; at++) {
      const doc = here[at] as number;
      const frequency = frequencies[doc] as number;
      frequencies[doc] = 0;
      const score = (idf * frequency * (k1 + 1)) / (frequency + k1 * (1 - b + (b * (lengths[doc] as number)) / average));
      const before = matched[doc] as number;
      if (before === 0) found[end++] = doc;
      scores[doc] = before === 0 ? score : (scores[doc] as number) + score;
      matched[doc] = before + 1;
    }
    return end;
  }

  /** Adds up how often a word occurs in each document, weighted; returns how many documents there are. */
  #sumUp(word: string): number {
    const [here, frequencies] = [this.#here, this.#frequencies];
    let hits = 0;
    for (const { docs, weights: weighing } of this.#terms.startingWith(word)) {
      for (let at = 0; at < docs.length; at++) {
        const doc = docs[at] as number;
        const before = frequencies[doc] as number;
        if (before === 0) here[hits++] = doc;
        frequencies[doc] = before + (weighing[at] as number);
      }
    }
    return hits;
  }

  #makeRoomFor(doc: number): void {
    const size = this.#lengths.length;
    if (doc < size) return;
    const grown = Math.max(2 * size, doc + 1);
    const old = this.#lengths;
    this.#lengths = new Float64Array(grown);
    this.#lengths.set(old);
    this.#scores = new Float64Array(grown);
    this.#frequencies = new Float64Array(grown);
    this.#matched = new Uint8Array(grown);
    this.#here = new Int32Array(grown);
    this.#found = new Int32Array(grown);
  }
}
