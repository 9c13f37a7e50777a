import { maxObservations, maxObservationsOfPeer } from './observation-store.ts';

/** Which observations a store keeps, by id and peer: the newest of all, of which no peer has more than its share. */
export class KeptObservations {
  readonly #peers = new Map<number, string>();
  readonly #ids = new Map<string, Set<number>>();

  /** Notes one that was added, its id higher than any before; the id of the one that is to be forgotten for it. */
  add(id: number, peer: string): number | undefined {
    const ids = this.#ids.get(peer) ?? new Set();
    this.#ids.set(peer, ids.add(id));
    this.#peers.set(id, peer);
    const [oldest] = ids.size > maxObservationsOfPeer ? ids : this.#peers.size > maxObservations ? this.#peers.keys() : [];
    if (oldest !== undefined) this.#forget(oldest);
    return oldest;
  }

  #forget(id: number): void {
    const peer = this.#peers.get(id) as string;
    const ids = this.#ids.get(peer) as Set<number>;
    this.#peers.delete(id);
    ids.delete(id);
    if (ids.size === 0) this.#ids.delete(peer);
  }
}
