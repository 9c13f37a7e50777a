export * from './universe.ts';
