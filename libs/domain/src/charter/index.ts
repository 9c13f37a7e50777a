export * from './amend-charter.ts';
export * from './charter.ts';
export * from './charter-file.ts';
