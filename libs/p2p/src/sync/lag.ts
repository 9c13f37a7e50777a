import { isSoukError, type ErrorCode } from '@souk/domain';

/** How level this peer is with another one. Times are milliseconds since 1970. */
export interface LagLine {
  readonly peer: string;
  /** Everything that it offered last is held here. */
  readonly inSync: boolean;
  /** Records that it was seen to have and that are not here; absent where it is only known that there are some. */
  readonly behind?: number;
  /** Since when it is known to have what is not here. */
  readonly since?: number;
  /** When an exchange with it ended well last, and how many records that brought. */
  readonly exchangedAt?: number;
  readonly records?: number;
  /** Why the last exchange failed, where that was after the last good one. */
  readonly error?: { readonly code: ErrorCode | 'INTERNAL'; readonly message: string; readonly at: number };
}

type Kept = Omit<LagLine, 'peer'>;

const unknown: Kept = { inSync: false };

/** Keeps in mind how level this peer is with each of those that it is linked to. */
export class Lag {
  readonly #peers = new Map<string, Kept>();
  readonly #now: () => number;

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Everything that a peer has is held here. */
  level(peer: string): void {
    const { behind: _behind, since: _since, ...kept } = this.#of(peer);
    this.#peers.set(peer, { ...kept, inSync: true });
  }

  /** A peer has something that is not here; nobody has looked how much that is yet, but what was seen before to be missing still is. */
  differs(peer: string): void {
    const { since = this.#now(), ...kept } = this.#of(peer);
    this.#peers.set(peer, { ...kept, inSync: false, since });
  }

  /** An exchange ended well and brought so many records; `behind`: how many are not here still, undefined when everything is. */
  exchanged(peer: string, records: number, behind?: number): void {
    const { error: _error, ...kept } = this.#of(peer);
    this.#peers.set(peer, { ...kept, exchangedAt: this.#now(), records });
    if (behind === undefined) this.level(peer);
    else this.#lacks(peer, behind);
  }

  /** An exchange failed, when so many records were known to be missing. */
  failed(peer: string, error: unknown, behind: number): void {
    this.#lacks(peer, behind);
    const said = isSoukError(error) ? { code: error.code, message: error.message } : { code: 'INTERNAL' as const, message: 'The exchange failed for a reason of this peer; its log says more.' };
    this.#peers.set(peer, { ...this.#of(peer), error: { ...said, at: this.#now() } });
  }

  /** Nothing is to be remembered of a peer any more. */
  forget(peer: string): void {
    this.#peers.delete(peer);
  }

  /** Whether everything that a peer offered last is held here. */
  isLevel(peer: string): boolean {
    return this.#of(peer).inSync;
  }

  /** How level this peer is with each of these. */
  lines(peers: readonly string[]): LagLine[] {
    return peers.map((peer) => ({ peer, ...this.#of(peer) }));
  }

  /** 0: the exchange has not seen how many; what an earlier one saw stays. */
  #lacks(peer: string, seen: number): void {
    const { since = this.#now(), ...kept } = this.#of(peer);
    this.#peers.set(peer, { ...kept, inSync: false, since, ...(seen === 0 ? {} : { behind: seen }) });
  }

  #of(peer: string): Kept {
    return this.#peers.get(peer) ?? unknown;
  }
}
