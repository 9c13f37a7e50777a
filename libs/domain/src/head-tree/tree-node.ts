import { createHash, hash } from 'node:crypto';
import type { KeyId } from '../id/key-id.ts';
import { fromHex } from '../id/bytes.ts';
import type { Head } from '../record/signed-record.ts';
import { noHeads, withHead, type PackedHeads } from './head-leaf.ts';

/** Children of a node that is no leaf: one for each digit of a position. */
export const treeWidth = 16;
/** Bytes of a digest. */
export const digestBytes = 32;
/** Digits of a position: no path is longer. */
export const positionDigits = 64;

/** What a tree without heads, or a child that is not there, has for a digest. */
export const emptyDigest = new Uint8Array(digestBytes);

/**
 * A node as others are told of it: the digests of its 16 children, one after the other (512 bytes, zeros where there is no child),
 * or, of a leaf, its heads in ascending order of keys.
 */
export type TreeNode = { readonly digests: Uint8Array } | { readonly heads: readonly Head[] };

/** Where a key's head is in the tree: SHA-256 of its id, 64 hexadecimal digits. Hashed so that logs spread evenly. */
export function positionOf(key: KeyId): string {
  return hash('sha256', key, 'hex');
}

/** Digest of a leaf: SHA-256 of a prefix and its heads as they are packed. */
export function leafDigest(packed: PackedHeads): Uint8Array {
  if (packed.length === 0) return emptyDigest;
  return fromHex(createHash('sha256').update('souk/heads/1/leaf\0').update(packed).digest('hex'));
}

/** Digest of an inner node: SHA-256 of a prefix and the digests of its children. */
export function innerDigest(digests: Uint8Array): Uint8Array {
  return fromHex(createHash('sha256').update('souk/heads/1/node\0').update(digests).digest('hex'));
}

/** Digest of a node that another peer told. */
export function digestOfNode(node: TreeNode): Uint8Array {
  return 'digests' in node ? innerDigest(node.digests) : leafDigest(node.heads.reduce(withHead, noHeads));
}
