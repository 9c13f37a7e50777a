export * from './follow-list.ts';
