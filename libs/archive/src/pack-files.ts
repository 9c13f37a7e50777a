import { gzipSync } from 'node:zlib';
import { comparePaths, type ArchiveLimits } from '@souk/domain';
import { badArchive } from './bad-archive.ts';
import { inspectBytes } from './inspect-bytes.ts';
import type { ArchiveReport } from './inspection.ts';
import { tarTrailer, tarHeader, tarPadding } from './write-tar.ts';

/** An archive in memory and what it holds; sound. */
export interface PackedFiles {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly report: ArchiveReport;
}

/** RFC 1952: the byte that keeps the writer's operating system, and its value for "unknown". */
const [systemAt, unknownSystem] = [9, 255];

/**
 * Packs files that are in memory, by their path below the root folder: the very bytes that `packFolder` makes of a folder with these files,
 * all of mode 644, as long as the runtime's zlib is the same. Throws BAD_ARCHIVE for names or sizes that break the archive policy.
 */
export async function packFiles(files: Readonly<Record<string, Uint8Array>>, limits?: ArchiveLimits): Promise<PackedFiles> {
  const parts: Uint8Array[] = [];
  for (const path of Object.keys(files).sort(comparePaths)) {
    const content = files[path] as Uint8Array;
    parts.push(tarHeader({ path, mode: 0o644, size: content.length }), content, tarPadding(content.length));
  }
  const bytes = gzipSync(Buffer.concat([...parts, tarTrailer]), { level: 9 });
  bytes[systemAt] = unknownSystem;
  const report = await inspectBytes(bytes, { maxBytes: bytes.length, ...(limits ? { limits } : {}) });
  if (report.violations.length > 0) throw badArchive(report.violations, 'Rename the file.');
  return { bytes, report };
}
