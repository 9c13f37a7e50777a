import { createHash } from 'node:crypto';
import { publicKeyOf, type KeyId } from '../id/key-id.ts';
import { toHex } from '../id/bytes.ts';
import type { Head } from './signed-record.ts';

/**
 * One hash over all heads: SHA-256 of (key, seq as 8 bytes big-endian, hash) in ascending order of key ids.
 * Peers with equal head roots hold the same records of the same logs.
 */
export class HeadRoot {
  readonly #hash = createHash('sha256').update('souk/heads/1\0');
  #last: KeyId | undefined;

  /** Adds the next head; keys must come in ascending order. */
  add(head: Head): void {
    if (this.#last !== undefined && head.key <= this.#last) throw new RangeError('heads must come in ascending order of keys');
    this.#last = head.key;
    const seq = new DataView(new ArrayBuffer(8));
    seq.setBigUint64(0, BigInt(head.seq));
    this.#hash.update(publicKeyOf(head.key)).update(new Uint8Array(seq.buffer)).update(head.hash);
  }

  /** The root in hexadecimal; nothing can be added afterwards. */
  digest(): string {
    return toHex(new Uint8Array(this.#hash.digest()));
  }
}
