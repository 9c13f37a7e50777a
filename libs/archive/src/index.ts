export { maxViolations, type ReadOptions } from './archive-reading.ts';
export { inspectArchive, requireSound } from './inspect-archive.ts';
export type { ArchiveReport } from './inspection.ts';
export { archiveChunkBytes, type PackedSummary } from './packed-digest.ts';
export { readFileFromArchive, type ReadFileOptions } from './read-file-from-archive.ts';
export { maxReadmeBytes, type Readme } from './readme-capture.ts';
export { unpackArchive, type UnpackOptions } from './unpack-archive.ts';
export { packFolder, type PackedArchive, type PackOptions } from './pack-folder.ts';
