/**
 * Whose turn it is on the event loop, which all peers share: in each of its rounds a peer gets one piece of work done, whatever it has waiting. So one that asks for
 * much, on many streams, takes from others no more than one piece a round.
 */
export class Turns {
  /** Who had a turn in this round. */
  #had = new Set<string>();
  readonly #lines = new Map<string, (() => void)[]>();
  #isRoundAhead = false;

  /** Resolves when it is that peer's turn: at once, unless it had one in this round of the event loop. */
  async take(peer: string): Promise<void> {
    if (!this.#had.has(peer)) return this.#have(peer);
    const line = this.#lines.get(peer) ?? [];
    this.#lines.set(peer, line);
    const { promise, resolve } = Promise.withResolvers<void>();
    line.push(resolve);
    return promise;
  }

  #have(peer: string): void {
    this.#had.add(peer);
    if (this.#isRoundAhead) return;
    this.#isRoundAhead = true;
    setImmediate(() => this.#next());
  }

  #next(): void {
    this.#isRoundAhead = false;
    this.#had = new Set();
    for (const [peer, line] of this.#lines) {
      this.#have(peer);
      line.shift()?.();
      if (line.length === 0) this.#lines.delete(peer);
    }
  }
}
