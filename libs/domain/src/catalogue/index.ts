export * from './catalogue.ts';
export * from './fold-package.ts';
export * from './package-state.ts';
