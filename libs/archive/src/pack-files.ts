import { gzipSync } from 'node:zlib';
import { ArchivePolicy, comparePaths, type ArchiveLimits, type Violation } from '@souk/domain';
import { badArchive } from './bad-archive.ts';
import { Inspection, type ArchiveReport } from './inspection.ts';
import { PackedDigest } from './packed-digest.ts';
import { sliceBytes } from './slices.ts';
import { rootFolder, tarHeader, tarPadding, tarTrailer } from './write-tar.ts';

/** An archive in memory and what it holds; sound. */
export interface PackedFiles {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly report: ArchiveReport;
}

const mode = 0o644;
/** RFC 1952: the byte that keeps the writer's operating system, and its value for "unknown". */
const [systemAt, unknownSystem] = [9, 255];

/** Puts files before the policy and into a report as a reader of the archive would, without reading what was written a moment ago. */
class Packing {
  readonly policy: ArchivePolicy;
  readonly inspection = new Inspection();
  readonly violations: Violation[] = [];
  readonly parts: Uint8Array[] = [];

  constructor(limits: ArchiveLimits | undefined) {
    this.policy = new ArchivePolicy(limits);
  }

  add(path: string, content: Uint8Array): void {
    const verdict = this.policy.entry({ path: rootFolder + path, pathIsUtf8: true, type: 'file', mode, size: content.length });
    this.violations.push(...verdict.violations);
    if (verdict.violations.length > 0) return;
    this.inspection.take({ kind: 'file', path: verdict.path, mode: verdict.mode, size: content.length });
    this.inspection.take({ kind: 'data', bytes: content });
    this.inspection.take({ kind: 'end' });
    this.parts.push(tarHeader({ path, mode, size: content.length }), content, tarPadding(content.length));
  }
}

/** All hashes of bytes, fed in the slices that it asks for. */
function digestOf(bytes: Uint8Array): PackedDigest {
  const digest = new PackedDigest(bytes.length);
  for (let at = 0; at < bytes.length; at += sliceBytes) digest.update(bytes.subarray(at, at + sliceBytes));
  return digest;
}

/**
 * Packs files that are in memory, by their path below the root folder: the very bytes and the report that `packFolder` makes of a folder with
 * these files, all of mode 644, as long as the runtime's zlib is the same. Throws BAD_ARCHIVE for names or sizes that break the archive policy.
 */
export function packFiles(files: Readonly<Record<string, Uint8Array>>, limits?: ArchiveLimits): PackedFiles {
  const packing = new Packing(limits);
  const { policy, inspection, violations } = packing;
  for (const path of Object.keys(files).sort(comparePaths)) packing.add(path, files[path] as Uint8Array);
  const tar = Buffer.concat([...packing.parts, tarTrailer]);
  const bytes = gzipSync(tar, { level: 9 });
  bytes[systemAt] = unknownSystem;
  const grown = policy.progress(tar.length, bytes.length);
  violations.push(...(grown ? [grown] : []), ...policy.finish());
  if (violations.length > 0) throw badArchive(violations, 'Rename or leave out the file.');
  const digest = digestOf(bytes);
  return { bytes, report: inspection.report({ summary: () => digest.finish(), root: policy.root, violations: [] }) };
}
