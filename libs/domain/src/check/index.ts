export * from './check-blobs.ts';
export * from './check-records.ts';
export * from './check-releases.ts';
export * from './finding.ts';
