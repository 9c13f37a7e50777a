export * from './beta-score.ts';
