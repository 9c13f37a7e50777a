export { answerParent, AskedProcess, usedHeap, type AskedOptions, type Handlers } from './asked-process.ts';
