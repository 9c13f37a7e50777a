export * from './archive-limits.ts';
export * from './archive-policy.ts';
export * from './archive-rules.ts';
export * from './file-entry.ts';
export { pathViolations } from './path-rules.ts';
