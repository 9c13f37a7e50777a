export * from './resolution.ts';
export * from './resolve.ts';
export * from './resolve-files.ts';
export type * from './universe.ts';
