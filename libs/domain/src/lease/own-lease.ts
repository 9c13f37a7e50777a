import type { Cid } from '../id/cid.ts';
import type { Signer } from '../record/ed25519.ts';
import { CidSet, cidOfKey, digestKey, type DigestKey } from './cid-set.ts';
import { compareLeases, maxLeasedCids, maxLeaseMs, signLease, type Lease, type LeaseFields } from './lease.ts';

/** What a peer's own lease begins with. */
export interface OwnLeaseOptions {
  readonly signer: Signer;
  readonly role: string;
  /** Higher than at every earlier start; a clock that went back is made up for by `jump`. */
  readonly epoch: number;
  /** Life in milliseconds; the longest there is unless given. */
  readonly ttl?: number;
  /** Whether this peer serves all that the catalogue names. */
  readonly mirror?: boolean;
  readonly zone?: string | undefined;
}

/** What this peer serves, and the lease that says so. */
export class OwnLease {
  readonly cids = new CidSet({ keepHashes: true });
  readonly ttl: number;
  readonly #options: OwnLeaseOptions;
  /** The newest last. */
  readonly #order = new Set<DigestKey>();
  #epoch: number;
  #n = 0;
  #signed: { readonly lease: Lease; readonly addresses: string } | undefined;

  constructor(options: OwnLeaseOptions) {
    this.#options = options;
    this.#epoch = options.epoch;
    this.ttl = options.ttl ?? maxLeaseMs;
  }

  /** Adds blobs; beyond the most that a lease counts, the oldest go. Whether anything changed. */
  add(cids: readonly Cid[]): boolean {
    const added = this.cids.addAll(cids.map(digestKey));
    for (const key of added) this.#order.add(key);
    for (const key of this.#order) {
      if (this.#order.size <= maxLeasedCids) break;
      this.#remove(key);
    }
    if (added.length > 0) this.#signed = undefined;
    return added.length > 0;
  }

  /** Takes blobs out. Whether anything changed. */
  remove(cids: readonly Cid[]): boolean {
    const removed = cids.map(digestKey).filter((key) => this.#remove(key));
    if (removed.length > 0) this.#signed = undefined;
    return removed.length > 0;
  }

  /** The last lease that was signed and not taken back. */
  get last(): Lease | undefined {
    return this.#signed?.lease;
  }

  /** The newest blobs, at most so many, the newest last. */
  newest(most: number): Cid[] {
    return most > 0 ? [...this.#order].slice(-most).map(cidOfKey) : [];
  }

  /** The lease of what is served now, at these addresses: the last one as long as that has not changed. */
  current(addresses: readonly string[]): Lease {
    const known = this.#signed;
    if (known && known.addresses === addresses.join(' ')) return known.lease;
    return this.renew(addresses);
  }

  /** A new lease, whose life begins when it is received. */
  renew(addresses: readonly string[]): Lease {
    const lease = this.#sign({ addresses, root: this.cids.root(), count: this.cids.size, ttl: this.ttl, mirror: this.#options.mirror ?? false });
    this.#signed = { lease, addresses: addresses.join(' ') };
    return lease;
  }

  /** The lease that takes everything back. */
  withdrawal(): Lease {
    this.#signed = undefined;
    return this.#sign({ addresses: [], root: new CidSet().root(), count: 0, ttl: 0, mirror: false });
  }

  /** Others know a lease of ours that counts more than the next one would: goes on after it. Whether that was so. */
  jump(known: Pick<LeaseFields, 'epoch' | 'n'>): boolean {
    if (compareLeases({ epoch: this.#epoch, n: this.#n }, known) > 0 || known.epoch >= Number.MAX_SAFE_INTEGER) return false;
    this.#epoch = known.epoch + 1;
    this.#n = 0;
    this.#signed = undefined;
    return true;
  }

  #remove(key: DigestKey): boolean {
    this.#order.delete(key);
    return this.cids.delete(key);
  }

  #sign(fields: Omit<LeaseFields, 'epoch' | 'n' | 'role'>): Lease {
    this.#n += 1;
    const { role, signer, zone } = this.#options;
    return signLease({ ...fields, epoch: this.#epoch, n: this.#n, role, zone }, signer);
  }
}
