/** The newest so many texts that were added; the oldest is forgotten. */
export class RecentSet {
  readonly #most: number;
  readonly #texts = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  has(text: string): boolean {
    return this.#texts.has(text);
  }

  add(text: string): void {
    const [oldest] = this.#texts;
    if (this.#texts.size >= this.#most && oldest !== undefined && !this.#texts.has(text)) this.#texts.delete(oldest);
    this.#texts.add(text);
  }
}
