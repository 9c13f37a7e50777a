export * from './abort.ts';
export * from './error-table.ts';
export * from './souk-error.ts';
