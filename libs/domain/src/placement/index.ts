export * from './rendezvous.ts';
