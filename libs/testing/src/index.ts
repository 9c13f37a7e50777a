export * from './archives/index.ts';
export * from './builders/index.ts';
