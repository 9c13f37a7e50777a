export { openDataFolder, type DataFolder } from './data-folder.ts';
export { makeFolder, syncFolder, writeDurably, type Naming } from './durable-file.ts';
export { openBlobStore } from './file-blob-store.ts';
export { openKeyStore } from './file-key-store.ts';
export type { Commit } from './group-commit.ts';
export { joinLogStore, openLogStore, type LogStoreOptions } from './sqlite-log-store.ts';
export { openObservationStore } from './sqlite-observation-store.ts';
export { storageCode, storageError, storing } from './storage-error.ts';
