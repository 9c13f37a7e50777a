export * from './carried-records.ts';
export * from './catalogue.ts';
export * from './fold-package.ts';
export * from './package-state.ts';
