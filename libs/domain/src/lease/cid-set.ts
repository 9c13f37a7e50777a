import { SoukError } from '../errors/souk-error.ts';
import { blobCid, digestOf, sha256Of, type Cid } from '../id/cid.ts';

/** Number of buckets; a cid lies in the one that the first byte of its digest names. */
export const bucketCount = 256;
const digestBytes = 32;
const rootPrefix = new TextEncoder().encode('souk/lease/1\0');

/** A cid's digest as 32 characters of one byte each: half the memory of its text, and in the order of its bytes. */
export type DigestKey = string;

/** The key of a cid. */
export function digestKey(cid: Cid): DigestKey {
  return keyOfBytes(digestOf(cid));
}

/** The cid of a key. */
export function cidOfKey(key: DigestKey): Cid {
  return blobCid(new Uint8Array(Buffer.from(key, 'latin1')));
}

function keyOfBytes(bytes: Uint8Array): DigestKey {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Hashes of the buckets that are not empty: SHA-256 over their digests in ascending order. */
export type BucketHashes = ReadonlyMap<number, Uint8Array>;

/** One hash over all buckets: SHA-256 of a prefix and, for each bucket that is not empty in order, its number and its hash. */
export function rootOfBuckets(hashes: BucketHashes): Uint8Array {
  const parts = [...hashes].toSorted(([a], [b]) => a - b).flatMap(([bucket, hash]) => [Uint8Array.of(bucket), hash]);
  return sha256Of(rootPrefix, ...parts);
}

/** The keys of a bucket's digests laid end to end. Throws BAD_FRAME unless they are whole, belong there and come in ascending order, each once. */
export function keysOfBucket(bucket: number, digests: Uint8Array): DigestKey[] {
  const keys: DigestKey[] = [];
  for (let at = 0; at < digests.length; at += digestBytes) {
    const digest = digests.subarray(at, at + digestBytes);
    const key = keyOfBytes(digest);
    if (digest.length !== digestBytes || digest[0] !== bucket || key <= (keys.at(-1) ?? '')) throw new SoukError('BAD_FRAME', `The digests of bucket ${bucket} are not a sorted list of its own.`);
    keys.push(key);
  }
  return keys;
}

/** A set of cids in 256 buckets whose hashes show where two sets differ: one sorted list of digests, of which each bucket is a run. */
export class CidSet {
  #keys: DigestKey[] = [];
  /** Hashes that are known, where they are kept between two questions. */
  readonly #known: Map<number, Uint8Array> | undefined;

  /** `keepHashes`: for a set that is asked for its root again and again; it costs 8 KiB. */
  constructor(options: { readonly keepHashes?: boolean } = {}) {
    this.#known = options.keepHashes ? new Map() : undefined;
  }

  /** How many there are. */
  get size(): number {
    return this.#keys.length;
  }

  /** The digests in ascending order. */
  keys(): readonly DigestKey[] {
    return this.#keys;
  }

  has(key: DigestKey): boolean {
    return this.#keys[this.#place(key)] === key;
  }

  /** Adds a digest; false when it was there. */
  add(key: DigestKey): boolean {
    const at = this.#place(key);
    if (this.#keys[at] === key) return false;
    this.#keys.splice(at, 0, key);
    this.#known?.delete(key.charCodeAt(0));
    return true;
  }

  /** Adds many digests; those that were not there. */
  addAll(keys: Iterable<DigestKey>): DigestKey[] {
    const added = [...new Set(keys)].filter((key) => !this.has(key));
    if (added.length < 16) for (const key of added) this.add(key);
    else {
      this.#merge(added.toSorted());
      for (const key of added) this.#known?.delete(key.charCodeAt(0));
    }
    return added;
  }

  /** Takes a digest out; false when it was not there. */
  delete(key: DigestKey): boolean {
    const at = this.#place(key);
    if (this.#keys[at] !== key) return false;
    this.#keys.splice(at, 1);
    this.#known?.delete(key.charCodeAt(0));
    return true;
  }

  /** Puts a bucket's digests in place of those that it had; what came and what went. */
  replace(bucket: number, keys: readonly DigestKey[]): { readonly added: DigestKey[]; readonly removed: DigestKey[] } {
    const [from, to] = this.#run(bucket);
    const before = new Set(this.#keys.slice(from, to));
    const after = new Set(keys);
    this.#keys.splice(from, to - from, ...keys);
    this.#known?.delete(bucket);
    return { added: keys.filter((key) => !before.has(key)), removed: [...before].filter((key) => !after.has(key)) };
  }

  /** How many digests a bucket has. */
  countOf(bucket: number): number {
    const [from, to] = this.#run(bucket);
    return to - from;
  }

  /** The digests of a bucket laid end to end, ascending. */
  digests(bucket: number): Uint8Array {
    return new Uint8Array(Buffer.from(this.#keys.slice(...this.#run(bucket)).join(''), 'latin1'));
  }

  /** Hashes of the buckets that are not empty. */
  hashes(): BucketHashes {
    const hashes = new Map<number, Uint8Array>();
    for (let at = 0; at < this.#keys.length; ) {
      const bucket = (this.#keys[at] as DigestKey).charCodeAt(0);
      const hash = this.#known?.get(bucket) ?? sha256Of(this.digests(bucket));
      hashes.set(bucket, hash);
      this.#known?.set(bucket, hash);
      [, at] = this.#run(bucket);
    }
    return hashes;
  }

  /** One hash over all. */
  root(): Uint8Array {
    return rootOfBuckets(this.hashes());
  }

  /** Puts digests, ascending and none of them held, between those that are: sorting all would take longer the more there are. */
  #merge(added: readonly DigestKey[]): void {
    const parts: (readonly DigestKey[])[] = [];
    let from = 0;
    for (const key of added) {
      const to = this.#place(key);
      parts.push(this.#keys.slice(from, to), [key]);
      from = to;
    }
    this.#keys = [...parts, this.#keys.slice(from)].flat();
  }

  #run(bucket: number): [from: number, to: number] {
    const from = this.#place(String.fromCharCode(bucket));
    return [from, bucket === bucketCount - 1 ? this.#keys.length : this.#place(String.fromCharCode(bucket + 1))];
  }

  /** Where a key lies, or would. */
  #place(key: DigestKey): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] as DigestKey) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
