export * from './absences.ts';
export * from './plan.ts';
