export * from './evidence.ts';
export * from './writer.ts';
