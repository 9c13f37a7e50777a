import { isSoukError, type Outcome } from '@souk/domain';

/** What one provider did in one fetch. */
export interface Tally {
  readonly peer: string;
  readonly since: number;
  /** Verified bytes. */
  bytes: number;
  outcome?: Outcome;
}

/** How a failure counts against the provider it happened with; undefined when it was not the provider's doing. */
export function outcomeOf(error: unknown): Outcome | undefined {
  if (!isSoukError(error)) return 'unreachable';
  switch (error.code) {
    case 'CANCELLED':
      return undefined;
    case 'TIMEOUT':
      return 'timeout';
    case 'BLOB_NOT_FOUND':
      return 'missing';
    case 'CID_MISMATCH':
    case 'BAD_FRAME':
      return 'corrupt';
    default:
      return 'unreachable';
  }
}

/** What each provider did in one fetch, and who delivered bytes that do not have the hash they should have. */
export class Tallies {
  readonly #byPeer = new Map<string, Tally>();
  /** Hash of wrong bytes, with the chunk's index, to those who delivered them. */
  readonly #wrong = new Map<string, Set<string>>();

  /** The tally of a provider. */
  of(peer: string): Tally {
    let tally = this.#byPeer.get(peer);
    if (!tally) this.#byPeer.set(peer, (tally = { peer, since: Date.now(), bytes: 0 }));
    return tally;
  }

  /** Notes wrong bytes of a chunk by their hash in hexadecimal. */
  wrong(index: number, hash: string, peer: string): void {
    const name = `${index}:${hash}`;
    this.#wrong.set(name, (this.#wrong.get(name) ?? new Set()).add(peer));
  }

  /** Chunks of which one provider alone delivered wrong bytes, and which others delivered wrong bytes of other chunks: they can be asked for it too. */
  get unconfirmed(): readonly { readonly index: number; readonly others: readonly string[] }[] {
    const liars = new Set([...this.#wrong.values()].flatMap((peers) => [...peers]));
    return [...this.#wrong].flatMap(([name, peers]) => (peers.size === 1 && liars.size > 1 ? [{ index: Number(name.split(':')[0]), others: [...liars].filter((peer) => !peers.has(peer)) }] : []));
  }

  /** Whether two providers delivered the same bytes for a chunk and both were refused: then the release may be wrong, not they. */
  get agreedOnWrong(): boolean {
    return [...this.#wrong.values()].some((peers) => peers.size > 1);
  }

  /**
   * The final tallies. Who delivered wrong bytes is blamed, unless the blob could not be had and others delivered the same:
   * else a publisher could frame honest providers by signing chunk hashes that no bytes have.
   */
  settle(fetched: boolean): readonly Tally[] {
    const excused = new Set(fetched ? [] : [...this.#wrong.values()].flatMap((peers) => (peers.size > 1 ? [...peers] : [])));
    return [...this.#byPeer.values()]
      .filter((tally) => !excused.has(tally.peer))
      .map((tally) => (tally.outcome === undefined && tally.bytes > 0 ? { ...tally, outcome: 'ok' as const } : tally))
      .filter((tally) => tally.outcome !== undefined);
  }

  /** Providers whose bytes were good. */
  get good(): readonly string[] {
    return [...this.#byPeer.values()].filter((tally) => tally.bytes > 0).map((tally) => tally.peer);
  }
}
