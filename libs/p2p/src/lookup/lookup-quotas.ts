import { addressGroup, RateQuota, SoukError } from '@souk/domain';
import type { SharedRanges } from '../node/shared-ranges.ts';
import type { LookupLimits } from './lookup-limits.ts';

/** What one peer, and all peers of one address group together, may ask of this super-peer. */
export class LookupQuotas {
  readonly #finds: RateQuota;
  readonly #leases: RateQuota;
  readonly #groupFinds: RateQuota;
  readonly #groupLeases: RateQuota;
  readonly #told: RateQuota;
  readonly #groupTold: RateQuota;

  constructor({ finds, leases, told, groupFactor }: LookupLimits) {
    const times = ({ perSecond, burst }: { perSecond: number; burst: number }): { perSecond: number; burst: number } => ({ perSecond: perSecond * groupFactor, burst: burst * groupFactor });
    this.#finds = new RateQuota(finds);
    this.#leases = new RateQuota(leases);
    this.#groupFinds = new RateQuota(times(finds));
    this.#groupLeases = new RateQuota(times(leases));
    this.#told = new RateQuota(told);
    this.#groupTold = new RateQuota(times(told));
  }

  /** Cids that are looked up. Throws RATE_LIMITED. */
  takeFinds(peer: string, group: string, amount: number, now: number): void {
    if (!this.#finds.take(peer, amount, now) || !this.#groupFinds.take(group, amount, now)) throw tooMuch('lookups');
  }

  /** A lease that is brought. Throws RATE_LIMITED. */
  takeLease(peer: string, group: string, now: number): void {
    if (!this.#leases.take(peer, 1, now) || !this.#groupLeases.take(group, 1, now)) throw tooMuch('leases');
  }

  /** Cids that are told, of a lease that was brought. Throws RATE_LIMITED. */
  takeTold(peer: string, group: string, amount: number, now: number): void {
    if (!this.#told.take(peer, amount, now) || !this.#groupTold.take(group, amount, now)) throw tooMuch('leased blobs');
  }
}

/** Whom a link counts with: its address group, or the peer alone where many share an address. */
export function quotaGroup(address: string, peer: string, shared: SharedRanges): string {
  return shared.hasAddress(address) ? peer : addressGroup(address);
}

function tooMuch(of: string): SoukError {
  return new SoukError('RATE_LIMITED', `Too many ${of} at once.`, { hint: 'Ask more slowly, or another super-peer.' });
}
