import { fromHex, sameBytes } from '../id/bytes.ts';
import type { KeyId } from '../id/key-id.ts';
import type { Head } from '../record/signed-record.ts';

/** Most heads of a leaf; a node with more of them is split by the next digit of their positions. */
export const maxLeafHeads = 32;

const keyBytes = 48;
const seqBytes = 8;
const hashBytes = 32;
const headBytes = keyBytes + seqBytes + hashBytes;
const noHash = new Uint8Array(hashBytes);

/** What stands for the head of a forked log: peers that hold different branches of it agree that it is forked, and on nothing else. */
export function forkMark(key: KeyId): Head {
  return { key, seq: 0, hash: noHash };
}

/** Whether a head is the mark of a forked log. No record hashes to zeros. */
export function isForkMark(head: Head): boolean {
  return head.seq === 0 && sameBytes(head.hash, noHash);
}

/**
 * Heads in ascending order of keys, each as 48 bytes (the key id in ASCII), 8 bytes (seq, big-endian) and 32 bytes (hash): small in memory,
 * and as it is hashed. Never changed once it is made.
 */
export type PackedHeads = Buffer;

/** No heads. */
export const noHeads: PackedHeads = Buffer.alloc(0);

/** How many heads are packed. */
export function countOf(packed: PackedHeads): number {
  return packed.length / headBytes;
}

/** Where a key is among packed heads, or would be. */
function placeOf(packed: PackedHeads, key: Buffer): { readonly at: number; readonly found: boolean } {
  let low = 0;
  let high = countOf(packed);
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = middle * headBytes;
    const order = packed.compare(key, 0, keyBytes, start, start + keyBytes);
    if (order === 0) return { at: middle, found: true };
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return { at: low, found: false };
}

/** Packed heads with one more head, or with another head of its key. */
export function withHead(packed: PackedHeads, head: Head): PackedHeads {
  const key = Buffer.from(head.key, 'latin1');
  if (key.length !== keyBytes) throw new RangeError(`a key id has ${keyBytes} characters, not ${key.length}`);
  const { at, found } = placeOf(packed, key);
  const start = at * headBytes;
  const next = Buffer.allocUnsafeSlow(packed.length + (found ? 0 : headBytes));
  packed.copy(next, 0, 0, start);
  key.copy(next, start);
  next.writeBigUInt64BE(BigInt(head.seq), start + keyBytes);
  next.set(head.hash, start + keyBytes + seqBytes);
  packed.copy(next, start + headBytes, found ? start + headBytes : start);
  return next;
}

/** The head of a key. */
export function headOf(packed: PackedHeads, key: KeyId): Head | undefined {
  const { at, found } = placeOf(packed, Buffer.from(key, 'latin1'));
  return found ? headAt(packed, at) : undefined;
}

/** All heads in ascending order of keys. */
export function* unpacked(packed: PackedHeads): Generator<Head> {
  for (let at = 0; at < countOf(packed); at += 1) yield headAt(packed, at);
}

function headAt(packed: PackedHeads, at: number): Head {
  const start = at * headBytes;
  const key = packed.toString('latin1', start, start + keyBytes) as KeyId;
  const seq = Number(packed.readBigUInt64BE(start + keyBytes));
  const hash = fromHex(packed.toString('hex', start + keyBytes + seqBytes, start + headBytes));
  return { key, seq, hash };
}
