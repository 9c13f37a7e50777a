export { forkMark, isForkMark, maxLeafHeads } from './head-leaf.ts';
export { HeadTree } from './head-tree.ts';
export { KeyPlaces } from './key-places.ts';
export { digestOfNode, positionDigits, type TreeNode } from './tree-node.ts';
export { nodeProblem } from './node-problem.ts';
