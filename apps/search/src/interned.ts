/** Texts as small numbers, so that they can be counted in arrays. A text has its number while it is taken. */
export class Interned {
  readonly #numbers = new Map<string, number>();
  readonly #texts: (string | undefined)[] = [];
  readonly #uses: number[] = [];
  readonly #free: number[] = [];

  /** All numbers are below this. */
  get size(): number {
    return this.#texts.length;
  }

  /** The number of a text; undefined when nobody has taken it. */
  find(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  /** The number of a text, taken once more. */
  take(text: string): number {
    const number = this.#numbers.get(text) ?? this.#begin(text);
    this.#uses[number] = (this.#uses[number] as number) + 1;
    return number;
  }

  /** Gives a number back as often as it was taken, and it may become another text's. */
  give(number: number): void {
    const left = (this.#uses[number] as number) - 1;
    this.#uses[number] = left;
    if (left > 0) return;
    this.#numbers.delete(this.#texts[number] as string);
    this.#texts[number] = undefined;
    this.#free.push(number);
  }

  /** The text of a number that is taken. */
  text(number: number): string {
    return this.#texts[number] as string;
  }

  #begin(text: string): number {
    const number = this.#free.pop() ?? this.#texts.length;
    this.#texts[number] = text;
    this.#uses[number] = 0;
    this.#numbers.set(text, number);
    return number;
  }
}
