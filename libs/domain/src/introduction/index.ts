export * from './introduction-budget.ts';
