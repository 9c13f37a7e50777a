import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFiles, inspectArchive, inspectBytes, packDescribed, requireSound, type ArchiveReport } from '@souk/archive';
import { maxBulk } from '@souk/contracts';
import { SoukError, type PackageManifest } from '@souk/domain';
import { ifPresent, onDisk } from '../home/on-disk.ts';
import { readManifest } from '../publish/package-input.ts';
import { readmeOf, type LinePackage } from './line-package.ts';

/** An archive that is ready to be uploaded: its bytes, or where they are read when they are too many to be kept in memory. */
export interface Archive {
  readonly report: ArchiveReport;
  readonly bytes?: Uint8Array;
  read(): AsyncIterable<Uint8Array>;
}

/** A package of the file of which is known what it would publish. */
export interface Candidate extends PackageManifest {
  /** The number of its line. */
  readonly line: number;
  /** `treeHash` of its files. */
  readonly tree: string;
  /** Bytes that it has in memory, about. */
  readonly weight: number;
  readonly updated?: number;
  /** Its archive. */
  pack(): Promise<Archive>;
}

const encoder = new TextEncoder();

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A package whose content is made of its line: that package.json and a README. Packed only when it is asked for, because most of a second import is there already. */
export function madePackage(line: number, one: LinePackage): Candidate {
  const { packageJson, namedKind: _namedKind, ...about } = one;
  const described = describeFiles({ 'package.json': encoder.encode(packageJson), 'README.md': encoder.encode(readmeOf(one)) });
  return {
    ...about,
    line,
    tree: described.tree,
    weight: described.files.reduce((sum, { content }) => sum + content.length, 0),
    pack: async () => {
      const { bytes, report } = packDescribed(described);
      return { report, bytes, read: () => inOnePiece(bytes) };
    },
  };
}

/** The file of a package in a folder of tarballs, named as `npm pack` names it: `name-1.0.0.tgz`, `scope-name-1.0.0.tgz`. */
export function tarballName(name: string, version: string): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
}

async function openTarball(path: string, signal: AbortSignal): Promise<Archive | undefined> {
  const found = await ifPresent(() => stat(path));
  if (!found) return undefined;
  if (found.size > maxBulk.blobBytes) return { report: requireSound(await inspectArchive(createReadStream(path), { maxBytes: found.size, signal })), read: () => createReadStream(path) };
  const bytes = await readFile(path);
  return { report: requireSound(await inspectBytes(bytes, { maxBytes: maxBulk.blobBytes, signal })), bytes, read: () => inOnePiece(bytes) };
}

/**
 * A package whose content is a tarball of a folder; its own package.json counts, the line only says which it is.
 * Throws NOT_FOUND, MANIFEST_MISMATCH when it is another package, BAD_ARCHIVE, BAD_MANIFEST, BAD_JSON.
 */
export async function tarballPackage(line: number, one: LinePackage, folder: string, signal: AbortSignal): Promise<Candidate> {
  const file = tarballName(one.name, one.version);
  const archive = await onDisk(`Reading ${file}`, () => openTarball(join(folder, file), signal));
  if (!archive) throw new SoukError('NOT_FOUND', `There is no ${file} in ${folder}.`, { hint: 'Name it as npm pack does.' });
  const read = readManifest(archive.report, one.namedKind);
  if (read.name !== one.name || read.version !== one.version) throw new SoukError('MANIFEST_MISMATCH', `${file} holds ${read.name}@${read.version}.`, { details: { fields: ['name', 'version'] } });
  return { ...read, line, tree: archive.report.tree, weight: archive.bytes?.length ?? 0, ...(one.updated === undefined ? {} : { updated: one.updated }), pack: async () => archive };
}
