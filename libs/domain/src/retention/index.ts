export * from './named-blob.ts';
export * from './named-blobs.ts';
export * from './named-span.ts';
export * from './pin-rule.ts';
export * from './room.ts';
