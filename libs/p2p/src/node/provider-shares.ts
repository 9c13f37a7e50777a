/** Names of provider records by the peer that announced them: what each has, and whose can be missed most easily. */
export class ProviderShares {
  readonly #peers = new Map<string, string>();
  readonly #names = new Map<string, Set<string>>();
  /** Peers by how many names they have, for each number that there is. */
  readonly #bySize = new Map<number, Set<string>>();
  #largest = 0;

  /** Names in all. */
  get size(): number {
    return this.#peers.size;
  }

  /** How many names a peer has. */
  of(peer: string): number {
    return this.#names.get(peer)?.size ?? 0;
  }

  /** Adds a name that is not here. */
  add(name: string, peer: string): void {
    const names = this.#names.get(peer) ?? new Set();
    this.#names.set(peer, names);
    names.add(name);
    this.#peers.set(name, peer);
    this.#move(peer, names.size - 1, names.size);
  }

  /** Takes a name out, if it is here. */
  delete(name: string): void {
    const peer = this.#peers.get(name);
    const names = peer === undefined ? undefined : this.#names.get(peer);
    if (peer === undefined || !names) return;
    this.#peers.delete(name);
    names.delete(name);
    if (names.size === 0) this.#names.delete(peer);
    this.#move(peer, names.size + 1, names.size);
  }

  /** The oldest name of a peer that has most: many who announce much make room for one who announces little. */
  leastMissed(): string | undefined {
    const [peer = ''] = this.#bySize.get(this.#largest) ?? [];
    const [oldest] = this.#names.get(peer) ?? [];
    return oldest;
  }

  #move(peer: string, from: number, to: number): void {
    const before = this.#bySize.get(from);
    before?.delete(peer);
    if (before?.size === 0) this.#bySize.delete(from);
    if (to > 0) this.#bySize.set(to, (this.#bySize.get(to) ?? new Set()).add(peer));
    this.#largest = Math.max(this.#largest, to);
    while (this.#largest > 0 && !this.#bySize.has(this.#largest)) this.#largest -= 1;
  }
}
