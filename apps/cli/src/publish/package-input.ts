import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { inspectArchive, packFolder, requireSound, type ArchiveReport } from '@souk/archive';
import { manifestOf, maxPackageJsonBytes, parseStrictJson, SoukError, type Kind, type PackageManifest } from '@souk/domain';
import type { Host } from '../host.ts';
import { ifPresent, onDisk } from '../home/on-disk.ts';

/** A package that is ready to be signed: its archive keeps the policy and its manifest is right. */
export interface PackageInput extends PackageManifest {
  readonly report: ArchiveReport;
  /** Links that were left out, as npm does. */
  readonly skipped: readonly string[];
  /** The bytes of the .tgz. */
  read(): AsyncIterable<Uint8Array>;
  /** Deletes what was packed for this. */
  dispose(): Promise<void>;
}

/**
 * Packs a folder as npm does, or reads a .tgz, and checks both archive and manifest.
 * Throws NOT_FOUND, BAD_ARCHIVE, BAD_MANIFEST, BAD_JSON, TOO_LARGE.
 */
export async function openPackageInput(host: Host, path: string, kind?: Kind): Promise<PackageInput> {
  const absolute = resolve(host.cwd, path);
  const found = await onDisk(`Reading ${path}`, () => ifPresent(() => stat(absolute)));
  if (found === undefined) throw new SoukError('NOT_FOUND', `There is no file or folder ${path}.`, { hint: 'Give the folder of a package.json, or a .tgz.' });
  const packed = found.isDirectory() ? await packFolder(absolute, { signal: host.signal }) : await openFile(host, absolute, found.size);
  try {
    return { ...readManifest(packed.report, kind), report: packed.report, skipped: packed.skipped, read: () => packed.read(), dispose: () => packed.dispose() };
  } catch (error) {
    await packed.dispose();
    throw error;
  }
}

async function openFile(host: Host, path: string, size: number): Promise<Pick<PackageInput, 'report' | 'skipped' | 'read' | 'dispose'>> {
  const report = requireSound(await onDisk(`Reading ${path}`, () => inspectArchive(createReadStream(path), { maxBytes: size, signal: host.signal })));
  return { report, skipped: [], read: () => createReadStream(path), dispose: async () => {} };
}

/** The manifest inside an archive that keeps the policy. Throws BAD_JSON, BAD_MANIFEST. */
export function readManifest(report: ArchiveReport, kind?: Kind): PackageManifest {
  if (report.packageJson === undefined) throw new SoukError('BAD_ARCHIVE', 'The archive has no package.json.');
  return manifestOf(parseStrictJson(report.packageJson, { maxBytes: maxPackageJsonBytes }), kind === undefined ? {} : { kind });
}
