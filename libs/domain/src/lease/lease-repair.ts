import { SoukError } from '../errors/souk-error.ts';
import { sameBytes } from '../id/bytes.ts';
import { sha256Of } from '../id/cid.ts';
import { keysOfBucket, rootOfBuckets, type BucketHashes, type CidSet, type DigestKey } from './cid-set.ts';
import type { Lease } from './lease.ts';

/** Whose cids are repaired. */
export interface RepairTarget {
  readonly cids: CidSet;
  readonly lease: Lease;
  /** Whether `cids` are what the lease signed. */
  level: boolean;
  /** The root that `cids` should have. */
  root: Uint8Array;
}

/** What a repair does to the index. */
export interface RepairDoor {
  /** Whether that lease is still the one that counts. */
  isCurrent(lease: Lease): boolean;
  /** Puts a bucket's digests in place of those that are known. */
  replace(bucket: number, keys: readonly DigestKey[]): void;
}

/** Brings what is known of a peer's cids to what its lease signed, asking for the buckets that differ and no others. */
export class LeaseRepair {
  readonly #target: RepairTarget;
  readonly #lease: Lease;
  readonly #hashes: BucketHashes;
  readonly #door: RepairDoor;
  readonly #wanted: Set<number>;
  #filled = 0;

  /** Throws BAD_FRAME unless the hashes are those whose root the lease signed. */
  constructor(target: RepairTarget, hashes: BucketHashes, door: RepairDoor) {
    if (!sameBytes(rootOfBuckets(hashes), target.lease.root)) throw new SoukError('BAD_FRAME', "The bucket hashes are not those that the peer's lease signed.");
    this.#target = target;
    this.#lease = target.lease;
    this.#hashes = hashes;
    this.#door = door;
    const known = target.cids.hashes();
    for (const bucket of known.keys()) if (!hashes.has(bucket)) door.replace(bucket, []);
    this.#wanted = new Set([...hashes].filter(([bucket, hash]) => !sameBytes(known.get(bucket) ?? new Uint8Array(), hash)).map(([bucket]) => bucket));
    this.#settle();
  }

  /** Buckets that are still to be filled, in ascending order. */
  get wanted(): readonly number[] {
    return [...this.#wanted].toSorted((a, b) => a - b);
  }

  /** Takes a bucket's digests, laid end to end in ascending order. Of a lease that was replaced meanwhile nothing is taken. Throws BAD_FRAME, RATE_LIMITED. */
  fill(bucket: number, digests: Uint8Array): void {
    if (!this.#door.isCurrent(this.#lease)) return;
    const hash = this.#hashes.get(bucket);
    // What is known is not hashed again, or one lease would buy any number of hashes.
    if (hash && !this.#wanted.has(bucket)) return;
    if (!hash || !sameBytes(sha256Of(digests), hash)) throw new SoukError('BAD_FRAME', `Bucket ${bucket} is not what the peer's lease signed.`);
    const keys = keysOfBucket(bucket, digests);
    this.#filled += keys.length;
    if (this.#filled > this.#lease.count) throw miscounted();
    this.#door.replace(bucket, keys);
    this.#wanted.delete(bucket);
    this.#settle();
  }

  #settle(): void {
    if (this.#wanted.size > 0 || !this.#door.isCurrent(this.#lease)) return;
    if (this.#target.cids.size !== this.#lease.count) throw miscounted();
    this.#target.level = true;
  }
}

function miscounted(): SoukError {
  return new SoukError('BAD_FRAME', "The peer's lease counts other than what it names.");
}
