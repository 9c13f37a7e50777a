import { expect, test } from '@jest/globals';
import { fc } from '@souk/testing/properties';
import { toHex } from '../id/bytes.ts';
import { sha256Of } from '../id/cid.ts';
import { keyId, type KeyId } from '../id/key-id.ts';
import type { Head } from '../record/signed-record.ts';
import { forkMark, HeadTree, isForkMark, maxLeafHeads, nodeProblem, type TreeNode } from './index.ts';

const bytesOf = (text: string): Uint8Array => sha256Of(new TextEncoder().encode(text));
const keys = Array.from({ length: 600 }, (_, index) => keyId(bytesOf(`key ${index}`)));
const head = (index: number, seq: number): Head => ({ key: keys[index] as KeyId, seq, hash: bytesOf(`record ${index} ${seq}`) });

const someHeads = fc.array(fc.record({ index: fc.nat(keys.length - 1), seq: fc.nat(5) }), { maxLength: 400 }).map((list) => list.map(({ index, seq }) => head(index, seq)));
const newest = (heads: readonly Head[]): Map<KeyId, Head> => new Map(heads.map((one) => [one.key, one]));
const byKey = (heads: Iterable<Head>): Head[] => [...heads].sort((a, b) => (a.key < b.key ? -1 : 1));

/** The heads of `theirs` that differ from `ours` and how many nodes it took to find them, by what two peers tell each other. */
function descend(ours: HeadTree, theirs: HeadTree): { heads: Head[]; nodes: number } {
  const found: Head[] = [];
  let nodes = 0;
  const enter = (prefix: string, promised: Uint8Array): void => {
    nodes += 1;
    const node = theirs.nodeAt(prefix);
    expect(nodeProblem(node, prefix, promised)).toBeUndefined();
    if ('heads' in node) found.push(...node.heads.filter((one) => JSON.stringify(ours.head(one.key)) !== JSON.stringify(one)));
    else for (let digit = 0; digit < 16; digit += 1) {
      const below = prefix + digit.toString(16);
      const digest = node.digests.subarray(digit * 32, digit * 32 + 32);
      if (digest.some((byte) => byte !== 0) && toHex(digest) !== toHex(ours.digestAt(below))) enter(below, digest);
    }
  };
  if (ours.root !== theirs.root) enter('', theirs.digestAt(''));
  return { heads: byKey(found), nodes };
}

test('the root follows from the set of heads, in whatever order and portions they come', () => {
  fc.assert(
    fc.property(someHeads, fc.integer({ min: 1, max: 50 }), (heads, portion) => {
      const set = byKey(newest(heads).values());
      let grown = HeadTree.empty;
      for (let at = 0; at < heads.length; at += portion) grown = grown.with(heads.slice(at, at + portion));
      const built = HeadTree.empty.with(set);
      expect(grown.root).toBe(built.root);
      expect(grown.count).toBe(set.length);
      expect(byKey(grown.heads())).toEqual(set);
      for (const one of set.slice(0, 20)) expect(grown.head(one.key)).toEqual(one);
    }),
    { numRuns: 60 },
  );
});

test('equal roots are equal heads: what differs in one seq, one hash or one log has another root', () => {
  const tree = HeadTree.empty.with(keys.map((_key, index) => head(index, 1)));
  expect(tree.with([head(7, 2)]).root).not.toBe(tree.root);
  expect(tree.with([{ ...head(7, 1), hash: bytesOf('other') }]).root).not.toBe(tree.root);
  expect(tree.with([head(7, 2)]).with([head(7, 1)]).root).toBe(tree.root);
  expect(HeadTree.empty.with(keys.slice(1).map((_key, index) => head(index + 1, 1))).root).not.toBe(tree.root);
  expect(HeadTree.empty.root).toBe('0'.repeat(64));
});

test('descending where digests differ finds exactly what one tree has and the other has not', () => {
  fc.assert(
    fc.property(someHeads, someHeads, (one, other) => {
      const [ours, theirs] = [HeadTree.empty.with(one), HeadTree.empty.with(other)];
      const mine = newest(one);
      const expected = byKey([...newest(other).values()].filter((head) => mine.get(head.key)?.seq !== head.seq));
      expect(descend(ours, theirs).heads).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('the number of nodes asked for grows with the differences and hardly with the logs', () => {
  const heads = keys.map((_key, index) => head(index, 1));
  const tree = HeadTree.empty.with(heads);
  expect(descend(tree, tree).nodes).toBe(0);
  const depth = 1 + Math.ceil(Math.log(keys.length / maxLeafHeads) / Math.log(16));
  for (const changes of [1, 2, 8]) expect(descend(tree, tree.with(heads.slice(0, changes).map(({ key }) => ({ key, seq: 9, hash: bytesOf('new') })))).nodes).toBeLessThanOrEqual(changes * (depth + 1));
});

test('a tree that was changed leaves the one before as it was', () => {
  const before = HeadTree.empty.with(keys.map((_key, index) => head(index, 1)));
  const { root } = before;
  const node = before.nodeAt('a');
  expect(before.with([head(3, 4)]).root).not.toBe(root);
  expect([before.root, before.nodeAt('a'), before.head(keys[3] as KeyId)]).toEqual([root, node, head(3, 1)]);
});

test('a forked log counts as forked, whatever was held of it', () => {
  const [left, right] = [HeadTree.empty.with([head(1, 4), head(2, 0)]), HeadTree.empty.with([head(1, 9), head(2, 0)])];
  const mark = forkMark(keys[1] as KeyId);
  expect(left.with([mark]).root).toBe(right.with([mark]).root);
  expect([isForkMark(mark), isForkMark(head(1, 0)), left.with([mark]).head(mark.key)]).toEqual([true, false, mark]);
});

test('a node that is not what was promised is noticed', () => {
  const tree = HeadTree.empty.with(keys.map((_key, index) => head(index, 1)));
  const leafAt = keys.slice(0, 16).map((_key, index) => index.toString(16)).flatMap((a) => [...'0123456789abcdef'].map((b) => a + b)).find((prefix) => {
    const node = tree.nodeAt(prefix);
    return 'heads' in node && node.heads.length > 1;
  }) as string;
  const leaf = tree.nodeAt(leafAt) as Extract<TreeNode, { heads: unknown }>;
  const promised = tree.digestAt(leafAt);
  const inner = tree.nodeAt('') as Extract<TreeNode, { digests: unknown }>;
  const [first, second] = leaf.heads as [Head, Head];
  const elsewhere = [...tree.heads()].find(({ key }) => !leaf.heads.some((one) => one.key === key)) as Head;
  expect(nodeProblem(leaf, leafAt, promised)).toBeUndefined();
  expect(nodeProblem({ heads: leaf.heads.toReversed() }, leafAt, promised)).toMatch(/out of order/);
  expect(nodeProblem({ heads: [first, first] }, leafAt, promised)).toMatch(/out of order/);
  expect(nodeProblem({ heads: byKey([first, elsewhere]) }, leafAt, promised)).toMatch(/elsewhere/);
  expect(nodeProblem({ heads: [{ ...first, seq: 5 }, second, ...leaf.heads.slice(2)] }, leafAt, promised)).toMatch(/promised/);
  expect(nodeProblem({ heads: leaf.heads.slice(1) }, leafAt, promised)).toMatch(/promised/);
  expect(nodeProblem({ heads: [] }, leafAt, promised)).toMatch(/promised/);
  expect(nodeProblem({ heads: Array.from({ length: maxLeafHeads + 1 }, () => first) }, leafAt, promised)).toMatch(/33 heads/);
  expect(nodeProblem({ digests: new Uint8Array(511) }, '', tree.digestAt(''))).toMatch(/16 children/);
  expect(nodeProblem({ digests: inner.digests.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) }, '', tree.digestAt(''))).toMatch(/promised/);
  expect(nodeProblem(inner, '0'.repeat(64), tree.digestAt(''))).toMatch(/last digit/);
});
