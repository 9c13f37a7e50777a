import type { MultiaddrConnection, PeerId } from '@libp2p/interface';
import { addressGroup, RateQuota, type Rate } from '@souk/domain';
import type { SharedRanges } from './shared-ranges.ts';

/** How often connections may be begun. */
export interface ConnectionRates {
  /** By one peer. */
  readonly perPeer: Rate;
  /** What is refused of an address group before it gets no handshake either; of shared ranges, where others may stand behind the same address, all are let begin one. */
  readonly refusals: Rate;
  readonly sharedRanges: SharedRanges;
}

/**
 * Who may begin a connection, and how often. Who a peer is shows after the handshake only, which costs some milliseconds of the event loop: so a connection beyond a peer's
 * rate ends there, before streams are opened on it, and an address group of which many were ended so is not shaken hands with for a while.
 */
export class ConnectionGate {
  readonly #rates: ConnectionRates;
  readonly #peers: RateQuota;
  readonly #refusals: RateQuota;
  readonly #now: () => number;

  /** `now`: milliseconds of any steady clock. */
  constructor(rates: ConnectionRates, now: () => number = () => performance.now()) {
    this.#rates = rates;
    this.#peers = new RateQuota(rates.perPeer);
    this.#refusals = new RateQuota(rates.refusals);
    this.#now = now;
  }

  /** Whether whoever is at an address may begin a handshake. */
  lets({ remoteAddr }: Pick<MultiaddrConnection, 'remoteAddr'>): boolean {
    const address = remoteAddr.toString();
    return this.#isShared(address) || this.#refusals.has(addressGroup(address), 1, this.#now());
  }

  /** Whether a peer that has shown who it is may have one more connection; whether it may be linked to at all is asked elsewhere. */
  admits(peer: PeerId, { remoteAddr }: Pick<MultiaddrConnection, 'remoteAddr'>): boolean {
    if (this.#peers.take(peer.toString(), 1, this.#now())) return true;
    const address = remoteAddr.toString();
    if (!this.#isShared(address)) this.#refusals.take(addressGroup(address), 1, this.#now());
    return false;
  }

  /** A relay has limits of its own, and its address is not that of who comes through it. */
  #isShared(address: string): boolean {
    return this.#rates.sharedRanges.hasAddress(address) || address.includes('/p2p-circuit');
  }
}
