export * from './blob-facts.ts';
export * from './network.ts';
export * from './test-peer.ts';
export * from './until.ts';
export { TestList } from './follow.ts';
