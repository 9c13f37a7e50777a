import { sameBytes } from '../id/bytes.ts';
import { maxLeafHeads } from './head-leaf.ts';
import { digestBytes, digestOfNode, positionDigits, positionOf, treeWidth, type TreeNode } from './tree-node.ts';

/**
 * What is wrong with a node that another peer told, when its parent promised this digest; undefined when nothing is. A peer whose nodes pass
 * has committed to all its heads by its root: it can neither change its mind on the way nor send us down for ever.
 */
export function nodeProblem(node: TreeNode, prefix: string, promised: Uint8Array): string | undefined {
  if ('digests' in node) {
    if (node.digests.length !== treeWidth * digestBytes) return 'does not have 16 children';
    if (prefix.length >= positionDigits) return 'has children below the last digit';
  } else {
    if (node.heads.length > maxLeafHeads) return `has ${node.heads.length} heads`;
    let last = '';
    for (const { key } of node.heads) {
      if (key <= last) return 'has heads that are out of order';
      if (!positionOf(key).startsWith(prefix)) return 'has a head that belongs elsewhere';
      last = key;
    }
  }
  return sameBytes(digestOfNode(node), promised) ? undefined : 'is not the one that was promised';
}
