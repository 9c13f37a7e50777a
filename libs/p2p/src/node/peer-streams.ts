/** Streams of one protocol that peers hold open here, so many of each peer over all of its connections: one more ends its oldest, which may be what is left of a link that broke. */
export class PeerStreams {
  readonly #most: number;
  readonly #open = new Map<string, (() => void)[]>();

  constructor(most: number) {
    this.#most = most;
  }

  /** One more stream of a peer; `end` is called when it has to go. The answer says that it is gone. */
  came(peer: string, end: () => void): () => void {
    const open = this.#open.get(peer) ?? [];
    this.#open.set(peer, open);
    open.push(end);
    if (open.length > this.#most) open.shift()?.();
    return () => {
      const at = open.indexOf(end);
      if (at >= 0) open.splice(at, 1);
      if (open.length === 0 && this.#open.get(peer) === open) this.#open.delete(peer);
    };
  }
}
