import { toHex } from '../id/bytes.ts';
import type { KeyId } from '../id/key-id.ts';
import type { Head } from '../record/signed-record.ts';
import { countOf, headOf, maxLeafHeads, noHeads, unpacked, withHead, type PackedHeads } from './head-leaf.ts';
import { digestBytes, emptyDigest, innerDigest, leafDigest, positionDigits, positionOf, treeWidth, type TreeNode } from './tree-node.ts';

/** A head on its way to its place. */
interface Placed {
  readonly position: string;
  readonly head: Head;
}

/** Few heads together; its digest is computed when it is first asked for. */
class Leaf {
  readonly packed: PackedHeads;
  #digest: Uint8Array | undefined;

  constructor(packed: PackedHeads) {
    this.packed = packed;
  }

  get count(): number {
    return countOf(this.packed);
  }

  get digest(): Uint8Array {
    return (this.#digest ??= leafDigest(this.packed));
  }
}

/** More heads than a leaf holds, by the next digit of their positions. */
class Inner {
  readonly children: readonly Part[];
  readonly count: number;
  #digest: Uint8Array | undefined;

  constructor(children: readonly Part[]) {
    this.children = children;
    this.count = children.reduce((sum, child) => sum + child.count, 0);
  }

  get digest(): Uint8Array {
    return (this.#digest ??= innerDigest(this.digests()));
  }

  digests(): Uint8Array {
    const all = new Uint8Array(treeWidth * digestBytes);
    for (const [digit, child] of this.children.entries()) all.set(child.digest, digit * digestBytes);
    return all;
  }
}

type Part = Leaf | Inner;

const nothing = new Leaf(noHeads);
const none: readonly Part[] = Array.from({ length: treeWidth }, () => nothing);

/** The heads of a leaf and more of them, one of each log. */
function distinct(leaf: Leaf, more: readonly Placed[]): Placed[] {
  const held = [...unpacked(leaf.packed)].map((head) => ({ head, position: positionOf(head.key) }));
  return [...new Map([...held, ...more].map((one) => [one.position, one])).values()];
}

function put(part: Part, depth: number, placed: readonly Placed[]): Part {
  if (part instanceof Inner) return spread(part.children, depth, placed);
  const all = part.count + placed.length > maxLeafHeads ? distinct(part, placed) : placed;
  if (all.length > maxLeafHeads && depth < positionDigits) return spread(none, depth, all);
  return new Leaf(all.reduce((packed, { head }) => withHead(packed, head), part.packed));
}

function spread(children: readonly Part[], depth: number, placed: readonly Placed[]): Inner {
  const next = [...children];
  for (const [digit, some] of Map.groupBy(placed, ({ position }) => Number.parseInt(position.charAt(depth), 16))) {
    next[digit] = put(next[digit] ?? nothing, depth + 1, some);
  }
  return new Inner(next);
}

/** Heads whose positions begin with `prefix`, out of packed ones. */
function within(packed: PackedHeads, prefix: string): PackedHeads {
  return [...unpacked(packed)].filter(({ key }) => positionOf(key).startsWith(prefix)).reduce(withHead, noHeads);
}

/**
 * A 16-ary hash tree (Merkle 1987) over the heads of all logs, placed by the SHA-256 of their keys. Its shape and digests follow from the
 * set of heads alone, whatever the order in which they came: equal roots are equal heads, and two trees differ only below digests that differ.
 * A tree never changes; a changed one shares all that is equal with the one before. Some 130 bytes a log (89 of packed heads, 40 of nodes and digests).
 */
export class HeadTree {
  /** A tree without heads. */
  static readonly empty = new HeadTree(nothing);
  readonly #top: Part;

  private constructor(top: Part) {
    this.#top = top;
  }

  /** How many logs have a head here. */
  get count(): number {
    return this.#top.count;
  }

  /** One hash over all heads, 64 hexadecimal digits; zeros when there are none. */
  get root(): string {
    return toHex(this.#top.digest);
  }

  /** The tree with these heads too, each in place of the one that its log had before; of two heads of one log the later one counts. */
  with(heads: readonly Head[]): HeadTree {
    if (heads.length === 0) return this;
    return new HeadTree(put(this.#top, 0, heads.map((head) => ({ head, position: positionOf(head.key) }))));
  }

  /** The head of a log. */
  head(key: KeyId): Head | undefined {
    const { part } = this.#find(positionOf(key));
    return part instanceof Leaf ? headOf(part.packed, key) : undefined;
  }

  /** All heads, by position, and by key within a leaf. */
  *heads(): Generator<Head> {
    yield* headsOf(this.#top);
  }

  /** Digest of the heads whose positions begin with `prefix` (hexadecimal digits): the same at each tree that has the same ones there. */
  digestAt(prefix: string): Uint8Array {
    const { part, depth } = this.#find(prefix);
    if (depth === prefix.length) return part.digest;
    return part instanceof Leaf ? leafDigest(within(part.packed, prefix)) : emptyDigest;
  }

  /** The node of the heads whose positions begin with `prefix`, for telling another peer. */
  nodeAt(prefix: string): TreeNode {
    const { part, depth } = this.#find(prefix);
    if (part instanceof Inner) return { digests: part.digests() };
    return { heads: [...unpacked(depth === prefix.length ? part.packed : within(part.packed, prefix))] };
  }

  /** The part at the end of a path, or the leaf in which the path ends early. */
  #find(path: string): { readonly part: Part; readonly depth: number } {
    let part = this.#top;
    let depth = 0;
    while (part instanceof Inner && depth < path.length) {
      part = part.children[Number.parseInt(path.charAt(depth), 16)] ?? nothing;
      depth += 1;
    }
    return { part, depth };
  }
}

function* headsOf(part: Part): Generator<Head> {
  if (part instanceof Leaf) yield* unpacked(part.packed);
  else for (const child of part.children) yield* headsOf(child);
}
