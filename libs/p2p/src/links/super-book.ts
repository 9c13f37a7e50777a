import { maxToldSupers } from '@souk/contracts';
import { isAddress } from './is-address.ts';

/** What keeping addresses of super-peers needs. */
export interface SuperBookNeeds {
  readonly self: string;
  /** How many super-peers this peer wants to be linked to. */
  readonly wanted: number;
  /** Addresses that the operator, or the charter, names. */
  readonly addresses: readonly string[];
  /** Hears of the addresses that count, when they changed. */
  changed(addresses: readonly string[]): void;
}

function peerOf(address: string): string | undefined {
  return address.split('/p2p/')[1];
}

/**
 * Where super-peers are. Whom the operator or the charter names comes first; what a super-peer tells of others counts only while those are too
 * few to choose from, so that one that lies can add itself a second time and no more.
 */
export class SuperBook {
  readonly #needs: SuperBookNeeds;
  #named: readonly string[];
  readonly #told = new Map<string, string>();
  #counting: string;

  constructor(needs: SuperBookNeeds) {
    this.#needs = needs;
    this.#named = needs.addresses;
    this.#counting = this.addresses().join(' ');
  }

  /** The addresses that count now. */
  addresses(): readonly string[] {
    return [...this.#named, ...[...this.#told.values()].slice(0, this.#room)];
  }

  /** The operator, or the charter, names these from now on. */
  name(addresses: readonly string[]): void {
    this.#named = addresses;
    this.#tell();
  }

  /** A super-peer told of others; what is no address of a certain peer is left out. */
  tell(addresses: readonly string[]): void {
    const named = new Set(this.#named.map(peerOf));
    for (const address of addresses.filter(isAddress)) {
      const peer = peerOf(address);
      if (peer !== undefined && peer !== this.#needs.self && !named.has(peer) && this.#told.size < maxToldSupers) this.#told.set(peer, address);
    }
    this.#tell();
  }

  /** Whether an address counts because a super-peer told of it, and nobody else. */
  isTold(address: string): boolean {
    return !this.#named.includes(address);
  }

  /** How many told ones there is need for. */
  get #room(): number {
    return Math.max(0, this.#needs.wanted - new Set(this.#named.map((address) => peerOf(address) ?? address)).size);
  }

  #tell(): void {
    const addresses = this.addresses();
    const text = addresses.join(' ');
    if (text === this.#counting) return;
    this.#counting = text;
    this.#needs.changed(addresses);
  }
}
