export * from './author.ts';
