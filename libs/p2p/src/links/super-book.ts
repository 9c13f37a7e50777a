import { maxToldSupers } from '@souk/contracts';
import { isAddress } from './is-address.ts';

/** What keeping addresses of super-peers needs. */
export interface SuperBookNeeds {
  readonly self: string;
  /** How many super-peers this peer wants to be linked to. */
  readonly wanted: number;
  /** Addresses that the operator, or the charter, names. */
  readonly addresses: readonly string[];
  /** Whether there is a charter: then nobody counts whom it does not name. */
  isChartered(): boolean;
  /** Hears of the addresses that count, when they changed. */
  changed(addresses: readonly string[]): void;
}

/** Dials in vain after which one that was told of lets others go first, and makes room where there is none. */
const maxFailures = 3;

function peerOf(address: string): string | undefined {
  return address.split('/p2p/')[1];
}

/**
 * Where super-peers are. Whom the operator or the charter names comes first; what a super-peer tells of others counts only while those are too
 * few to choose from, and there is no charter. It may be asked then, and has no privileges.
 */
export class SuperBook {
  readonly #needs: SuperBookNeeds;
  #named: readonly string[];
  readonly #told = new Map<string, string>();
  readonly #failing = new Set<string>();
  #counting: string;

  constructor(needs: SuperBookNeeds) {
    this.#needs = needs;
    this.#named = needs.addresses;
    this.#counting = this.addresses().join(' ');
  }

  /** The addresses that count now. */
  addresses(): readonly string[] {
    return this.#needs.isChartered() ? this.#named : [...this.#named, ...this.#toldFirst().slice(0, this.#room)];
  }

  /** The operator, or the charter, names these from now on. */
  name(addresses: readonly string[]): void {
    this.#named = addresses;
    if (this.#needs.isChartered()) for (const all of [this.#told, this.#failing]) all.clear();
    this.#tell();
  }

  /** A super-peer told of others; what is no address of a certain peer is left out. */
  tell(addresses: readonly string[]): void {
    if (this.#needs.isChartered()) return;
    const named = new Set(this.#named.map(peerOf));
    for (const address of addresses.filter(isAddress)) {
      const peer = peerOf(address);
      if (peer !== undefined && peer !== this.#needs.self && !named.has(peer) && this.#hasPlace(peer)) this.#told.set(peer, address);
    }
    this.#tell();
  }

  /** An address could not be dialled so many times in a row; 0: it could. */
  dialled(address: string, failures: number): void {
    const peer = peerOf(address);
    if (peer === undefined || this.#told.get(peer) !== address) return;
    if (failures === 0) this.#failing.delete(peer);
    if (failures < maxFailures) return;
    this.#failing.add(peer);
    // The last one now, so that each of those that fail has its turn.
    this.#told.delete(peer);
    this.#told.set(peer, address);
    this.#tell();
  }

  /** Whether an address counts because a super-peer told of it, and nobody else. */
  isTold(address: string): boolean {
    return !this.#named.includes(address);
  }

  #toldFirst(): string[] {
    return [...this.#told].toSorted(([a], [b]) => Number(this.#failing.has(a)) - Number(this.#failing.has(b))).map(([, address]) => address);
  }

  /** Whether there is a place for one that is told of; where there is none, one that can't be dialled gives way. */
  #hasPlace(peer: string): boolean {
    if (this.#told.has(peer) || this.#told.size < maxToldSupers) return true;
    const [given] = this.#failing;
    if (given === undefined) return false;
    this.#failing.delete(given);
    return this.#told.delete(given);
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
