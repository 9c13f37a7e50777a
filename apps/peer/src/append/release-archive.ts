import { requireSound } from '@souk/archive';
import { manifestOf, maxPackageJsonBytes, parseStrictJson, sameBytes, sameManifest, SoukError, toHex, type ReleaseBody } from '@souk/domain';
import type { ArchiveReports } from '../blobs/archive-reports.ts';

type Report = Awaited<ReturnType<ArchiveReports['of']>>;

function differences(release: ReleaseBody, report: Report, packageJson: Uint8Array): string[] {
  const read = manifestOf(parseStrictJson(packageJson, { maxBytes: maxPackageJsonBytes }), { kind: release.kind });
  const same: Record<string, boolean> = {
    name: release.name === read.name,
    version: release.version === read.version,
    manifest: sameManifest(release.manifest, read.manifest),
    integrity: release.integrity === report.integrity,
    size: release.size === report.size,
    unpackedSize: release.unpackedSize === report.unpackedSize,
    files: release.files === report.files.length,
    tree: toHex(release.tree) === report.tree,
    chunks: release.chunks.length === report.chunks.length && release.chunks.every((chunk, index) => sameBytes(chunk, report.chunks[index] ?? new Uint8Array())),
  };
  return Object.keys(same).filter((field) => !same[field]);
}

/**
 * Checks that a release says what its archive says: the blob is held here, keeps the archive policy, and its package.json,
 * sizes and hashes are the record's. Throws BLOB_NOT_FOUND, BAD_ARCHIVE, BAD_MANIFEST, BAD_JSON, MANIFEST_MISMATCH with details `{ fields }`.
 */
export async function requireMatchingArchive(release: ReleaseBody, reports: ArchiveReports): Promise<void> {
  const report = requireSound(await reports.of(release.cid));
  const fields = report.packageJson ? differences(release, report, report.packageJson) : ['manifest'];
  if (fields.length === 0) return;
  throw new SoukError('MANIFEST_MISMATCH', `The release ${release.name}@${release.version} does not say what its archive holds: ${fields.join(', ')} differ.`, {
    hint: 'Sign the release from the archive that was uploaded; souk publish does.',
    details: { name: release.name, version: release.version, fields },
  });
}
