export * from './attestations.ts';
export * from './fresh.ts';
