/** Most peers whose zone is remembered: a charter names at most 64 super-peers. */
const maxPeers = 256;

/** What super-peers that were asked said of their zones; of too many the one that was asked first is forgotten. */
export class ToldZones {
  readonly #zones = new Map<string, string | undefined>();

  /** A peer said which zone it is in, or that it knows none. */
  note(peer: string, zone: string | undefined): void {
    this.#zones.delete(peer);
    const oldest = this.#zones.keys().next().value;
    if (this.#zones.size >= maxPeers && oldest !== undefined) this.#zones.delete(oldest);
    this.#zones.set(peer, zone);
  }

  /** The zone that a peer said it is in. */
  of(peer: string | undefined): string | undefined {
    return peer === undefined ? undefined : this.#zones.get(peer);
  }

  /** Whether a peer was asked, whatever it said. */
  wasAsked(peer: string | undefined): boolean {
    return peer !== undefined && this.#zones.has(peer);
  }
}
