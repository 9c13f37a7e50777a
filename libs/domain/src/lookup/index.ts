export * from './absences.ts';
export * from './lookup-trace.ts';
export * from './plan.ts';
export * from './super-answers.ts';
export * from './tier-counts.ts';
