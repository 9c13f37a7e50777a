export * from './author.ts';
export * from './packed.ts';
