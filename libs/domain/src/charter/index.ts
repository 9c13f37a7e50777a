export * from './amend-charter.ts';
export * from './charter.ts';
export * from './charter-file.ts';
export * from './newer-charter.ts';
