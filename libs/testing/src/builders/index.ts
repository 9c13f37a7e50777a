export * from './author.ts';
export * from './packed.ts';
export * from './later-record.ts';
