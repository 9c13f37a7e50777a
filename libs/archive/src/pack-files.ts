import { hash } from 'node:crypto';
import { gzipSync, type ZlibOptions } from 'node:zlib';
import { ArchivePolicy, comparePaths, manifestPath, treeHash, type ArchiveLimits, type FileEntry } from '@souk/domain';
import { badArchive } from './bad-archive.ts';
import type { ArchiveReport } from './inspection.ts';
import { summaryOf } from './packed-digest.ts';
import { bestReadme } from './readme-capture.ts';
import { rootFolder, tarHeader, tarPadding, tarTrailer } from './write-tar.ts';

/** Files in memory, all of mode 644, and what is known of them before they are packed. */
export interface DescribedFiles {
  /** In order of the path's bytes. */
  readonly files: readonly { readonly entry: FileEntry; readonly content: Uint8Array }[];
  /** `treeHash` of the files. */
  readonly tree: string;
}

/** An archive in memory and what it holds; sound. */
export interface PackedFiles {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly report: ArchiveReport;
}

const mode = 0o644;
/** RFC 1952: the byte that keeps the writer's operating system, and its value for "unknown". */
const [systemAt, unknownSystem] = [9, 255];
/** Room for what small files are compressed to: tar fills most of theirs with zeros. */
const minChunk = 1024;
/** How far back zlib's longest match and its look-ahead reach beyond the data. */
const lookAhead = 262;

/** Describes files by their path below the root folder. */
export function describeFiles(files: Readonly<Record<string, Uint8Array>>): DescribedFiles {
  const described = Object.keys(files)
    .sort(comparePaths)
    .map((path) => {
      const content = files[path] as Uint8Array;
      return { entry: { path, mode: mode as FileEntry['mode'], size: content.length, sha256: hash('sha256', content, 'hex') }, content };
    });
  return { files: described, tree: treeHash(described.map(({ entry }) => entry)) };
}

/**
 * The settings of zlib for so many bytes: the default ones, but for small inputs no more memory than they need, which takes longer to be made and
 * cleared than they take to be compressed. The compressed bytes are the same, because all of the input stays within reach.
 */
function gzipOptions(size: number): ZlibOptions {
  const windowBits = Math.max(9, Math.ceil(Math.log2(size + lookAhead)));
  return windowBits >= 15 ? { level: 9 } : { level: 9, windowBits, memLevel: Math.min(8, windowBits - 6), chunkSize: minChunk + Math.ceil(size / 4) };
}

function reportOf({ files, tree }: DescribedFiles, bytes: Uint8Array, root: string | undefined): ArchiveReport {
  const packageJson = files.find(({ entry }) => entry.path === manifestPath)?.content;
  const readme = bestReadme(files.map(({ entry, content }) => ({ path: entry.path, content })));
  return {
    ...summaryOf(bytes),
    unpackedSize: files.reduce((sum, { entry }) => sum + entry.size, 0),
    files: files.map(({ entry }) => entry),
    tree,
    ...(root === undefined ? {} : { root }),
    ...(packageJson ? { packageJson } : {}),
    ...(readme ? { readme } : {}),
    violations: [],
  };
}

/**
 * Packs files that are in memory: the very bytes and the report that `packFolder` makes of a folder with these files, all of mode 644, as long
 * as the runtime's zlib is the same. Throws BAD_ARCHIVE for names or sizes that break the archive policy.
 */
export function packDescribed(described: DescribedFiles, limits?: ArchiveLimits): PackedFiles {
  const policy = new ArchivePolicy(limits);
  const violations = described.files.flatMap(({ entry: { path, size } }) => policy.entry({ path: rootFolder + path, pathIsUtf8: true, type: 'file', mode, size }).violations);
  if (violations.length > 0) throw badArchive([...violations, ...policy.finish()], 'Rename or leave out the file.');
  const tar = Buffer.concat([...described.files.flatMap(({ entry, content }) => [tarHeader(entry), content, tarPadding(content.length)]), tarTrailer]);
  const bytes = gzipSync(tar, gzipOptions(tar.length));
  bytes[systemAt] = unknownSystem;
  const grown = policy.progress(tar.length, bytes.length);
  violations.push(...(grown ? [grown] : []), ...policy.finish());
  if (violations.length > 0) throw badArchive(violations, 'Rename or leave out the file.');
  return { bytes, report: reportOf(described, bytes, policy.root) };
}

/** `packDescribed` of files by their path below the root folder. */
export function packFiles(files: Readonly<Record<string, Uint8Array>>, limits?: ArchiveLimits): PackedFiles {
  return packDescribed(describeFiles(files), limits);
}
