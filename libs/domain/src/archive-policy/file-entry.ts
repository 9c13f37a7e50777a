import * as dagCbor from '@ipld/dag-cbor';
import { z } from 'zod';
import { fromHex, Hex32, toHex } from '../id/bytes.ts';
import { sha256Of } from '../id/cid.ts';

/** The two modes that files are kept with: 0o644 (420) and 0o755 (493). */
export type FileMode = 0o644 | 0o755;

/** One file of a package. */
export const FileEntry = z
  .object({
    /** Name below the root folder, parts separated by "/". */
    path: z.string().min(1),
    mode: z.union([z.literal(0o644), z.literal(0o755)]),
    /** Bytes. */
    size: z.int().nonnegative(),
    /** SHA-256 of the content. */
    sha256: Hex32,
  })
  .meta({ id: 'FileEntry' });
export type FileEntry = z.infer<typeof FileEntry>;

/** The mode that a file is kept with: 0o755 when anybody may execute it, else 0o644. Set-id, sticky and all other bits are dropped. */
export function reduceMode(mode: number): FileMode {
  return (mode & 0o111) === 0 ? 0o644 : 0o755;
}

/** Order of two names by their UTF-8 bytes; the same on every machine, whatever its locale. */
export function comparePaths(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The files in order of their names' bytes. */
export function sortFiles(files: readonly FileEntry[]): FileEntry[] {
  return files
    .map((file) => ({ file, key: Buffer.from(file.path) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ file }) => file);
}

/**
 * The hash of a package's tree, in hex: SHA-256 over the dag-cbor array of `[path, mode, sha256]` (text, integer, 32 bytes) of every file,
 * ordered by the path's UTF-8 bytes. Two archives have one tree exactly when unpacking them gives the same files, whatever their bytes.
 */
export function treeHash(files: readonly FileEntry[]): string {
  const rows = sortFiles(files).map((file) => [file.path, file.mode, fromHex(file.sha256)]);
  return toHex(sha256Of(dagCbor.encode(rows)));
}

/** What differs between two trees, by name in byte order. A file whose content or mode differs is changed. */
export interface FileDifference {
  readonly added: string[];
  readonly removed: string[];
  readonly changed: string[];
}

/** Compares two trees. */
export function diffFiles(before: readonly FileEntry[], after: readonly FileEntry[]): FileDifference {
  const old = new Map(before.map((file) => [file.path, file]));
  const kept = new Set<string>();
  const added: string[] = [];
  const changed: string[] = [];
  for (const file of sortFiles(after)) {
    const was = old.get(file.path);
    if (was) kept.add(file.path);
    if (!was) added.push(file.path);
    else if (was.sha256 !== file.sha256 || was.mode !== file.mode) changed.push(file.path);
  }
  const removed = sortFiles(before).map((file) => file.path).filter((path) => !kept.has(path));
  return { added, removed, changed };
}
