/** A list of small numbers for each document, all of them one after the other in one array: looking at those of many documents costs little. */
export class NumberLists {
  /** By document: where its list begins, and how many numbers it has. */
  #starts = new Uint32Array(1024);
  #lengths = new Uint32Array(1024);
  #numbers = new Uint32Array(4096);
  /** Of `#numbers`: how many are taken, and how many of these belong to a list. */
  #end = 0;
  #live = 0;

  /** Gives a document its list; it must have none. */
  set(doc: number, list: readonly number[]): void {
    if (doc >= this.#starts.length) this.#makeRoomFor(doc);
    if (this.#end + list.length > this.#numbers.length) this.#moveTogether(list.length);
    this.#numbers.set(list, this.#end);
    this.#starts[doc] = this.#end;
    this.#lengths[doc] = list.length;
    this.#end += list.length;
    this.#live += list.length;
  }

  /** Takes a document's list away and returns it. */
  take(doc: number): Uint32Array {
    const [start, length] = [this.#starts[doc] ?? 0, this.#lengths[doc] ?? 0];
    if (length > 0) this.#lengths[doc] = 0;
    this.#live -= length;
    return this.#numbers.slice(start, start + length);
  }

  /** Those of some documents whose list has a number. */
  having(docs: Int32Array, number: number): Int32Array {
    const [starts, lengths, numbers] = [this.#starts, this.#lengths, this.#numbers];
    const having = new Int32Array(docs.length);
    let count = 0;
    for (let at = 0; at < docs.length; at++) {
      const doc = docs[at] as number;
      const start = starts[doc] as number;
      const end = start + (lengths[doc] as number);
      let place = start;
      while (place < end && numbers[place] !== number) place++;
      if (place < end) having[count++] = doc;
    }
    return having.subarray(0, count);
  }

  /** Counts the numbers of the lists of some documents in `counts`, which has room for them, and returns those it had not counted before. */
  count(docs: Int32Array, counts: Uint32Array): number[] {
    const [starts, lengths, numbers] = [this.#starts, this.#lengths, this.#numbers];
    const seen: number[] = [];
    for (let at = 0; at < docs.length; at++) {
      const doc = docs[at] as number;
      const start = starts[doc] as number;
      const end = start + (lengths[doc] as number);
      for (let place = start; place < end; place++) {
        const number = numbers[place] as number;
        const count = counts[number] as number;
        if (count === 0) seen.push(number);
        counts[number] = count + 1;
      }
    }
    return seen;
  }

  #makeRoomFor(doc: number): void {
    const grown = Math.max(2 * this.#starts.length, doc + 1);
    const [starts, lengths] = [this.#starts, this.#lengths];
    this.#starts = new Uint32Array(grown);
    this.#starts.set(starts);
    this.#lengths = new Uint32Array(grown);
    this.#lengths.set(lengths);
  }

  /** Leaves out what was taken away, and makes room for as many numbers again. */
  #moveTogether(more: number): void {
    const old = this.#numbers;
    this.#numbers = new Uint32Array(2 * (this.#live + more));
    let end = 0;
    for (const [doc, length] of this.#lengths.entries()) {
      const start = this.#starts[doc] as number;
      this.#numbers.set(old.subarray(start, start + length), end);
      this.#starts[doc] = end;
      end += length;
    }
    this.#end = end;
  }
}
