/** Characters of a name that are kept as a number: six bytes are exact in a double. */
const kept = 6;
/** Stands for every character from here on, and nothing behind such a one is kept. */
const beyond = 255;

/** Whether a name begins with a text, as far as the kept characters tell. */
export type Begins = 'no' | 'yes' | 'look';

/** The first characters of a text as a number that sorts as they do; `filler` stands behind its end. */
function beginningOf(text: string, filler: number): number {
  let number = 0;
  let isCut = false;
  for (let at = 0; at < kept; at++) {
    const code: number = isCut || at >= text.length ? filler : Math.min(text.charCodeAt(at), beyond);
    isCut ||= at < text.length && code === beyond;
    number = number * 256 + code;
  }
  return number;
}

/** Tells whose name begins with a text, and which of two comes first, without looking at most names. */
export class NameBeginnings {
  #numbers = new Float64Array(1024);

  /** Notes a document's name. */
  set(doc: number, name: string): void {
    if (doc >= this.#numbers.length) {
      const old = this.#numbers;
      this.#numbers = new Float64Array(Math.max(2 * old.length, doc + 1));
      this.#numbers.set(old);
    }
    this.#numbers[doc] = beginningOf(name, 0);
  }

  /** Which of two documents has the name that sorts first: negative, positive, or 0 when their beginnings do not tell. */
  compare(a: number, b: number): number {
    return (this.#numbers[a] as number) - (this.#numbers[b] as number);
  }

  /** Tells of a document whether its name begins with a text and is longer; where it may be that very text it says `look`. */
  beginsWith(text: string): (doc: number) => Begins {
    const numbers = this.#numbers;
    const [least, most] = [beginningOf(text, 0), beginningOf(text, beyond)];
    const isTold = text.length <= kept && !/[\u00ff-\uffff]/.test(text);
    return (doc) => {
      const number = numbers[doc] as number;
      if (number < least || number > most) return 'no';
      return isTold && number !== least ? 'yes' : 'look';
    };
  }
}
