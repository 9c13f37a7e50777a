import { SoukError } from '@souk/domain';
import type { Streams } from './streams.ts';

/** Who is linked to whom, of all identities over one store. */
export class SharedLinks {
  readonly #identities = new Set<Streams>();
  readonly #linked = new Map<string, Set<Streams>>();

  /** An identity takes part; the first one dials those whom nobody is linked to. */
  join(identity: Streams): void {
    this.#identities.add(identity);
  }

  /** An identity is linked to a peer. Whether no other one was. */
  came(peer: string, identity: Streams): boolean {
    const linked = this.#linked.get(peer);
    if (linked) linked.add(identity);
    else this.#linked.set(peer, new Set([identity]));
    return linked === undefined;
  }

  /** An identity is linked to a peer no more. Whether it was the last one. */
  went(peer: string, identity: Streams): boolean {
    const linked = this.#linked.get(peer);
    if (!linked?.delete(identity) || linked.size > 0) return false;
    return this.#linked.delete(peer);
  }

  /** Whom any identity is linked to. */
  peers(): readonly string[] {
    return [...this.#linked.keys()];
  }

  /** The streams of an identity that is linked to a peer; of the first one when none is. */
  streamsTo(peer: string): Streams {
    const [streams] = this.#linked.get(peer) ?? this.#identities;
    if (!streams) throw new SoukError('UNAVAILABLE', 'The peer is not running.');
    return streams;
  }
}
