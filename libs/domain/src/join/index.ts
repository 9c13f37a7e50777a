export * from './sealed-answer.ts';
