export * from './archives/index.ts';
export * from './builders/index.ts';
export * from './network/index.ts';
