import { unpackArchive, type ArchiveReport } from '@souk/archive';
import { isSoukError, sameManifest, SoukError, throwIfAborted } from '@souk/domain';
import type { ContentStore } from '../home/content-store.ts';
import type { ProjectPlaces } from '../project/places.ts';
import { slotFolder } from '../project/swap.ts';
import { readManifest } from '../publish/package-input.ts';
import type { ProvenPackage } from './prove-packages.ts';

/** Archives that are unpacked at a time: most of it is waiting for the disk. */
const parallel = 4;

/**
 * Unpacks packages beside `souk_modules`, each into the slot of its place in the list, and compares everything with what was signed: the bytes' cid and
 * integrity, the tree, and the manifest inside. Throws CID_MISMATCH, MANIFEST_MISMATCH, BAD_ARCHIVE, STORAGE_FULL, CANCELLED.
 */
export async function stagePackages(places: ProjectPlaces, content: ContentStore, packages: readonly ProvenPackage[], signal: AbortSignal): Promise<void> {
  const rest = packages.entries();
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (const [slot, one] of rest) {
      if (failures.length > 0 || signal.aborted) return;
      await stage(one, await slotFolder(places, slot), content, signal).catch((error: unknown) => failures.push(error));
    }
  };
  // All of them end before anything is told, because what is staged is removed then.
  await Promise.all(Array.from({ length: parallel }, work));
  if (failures.length > 0) throw failures[0];
  throwIfAborted(signal, 'The installation');
}

async function stage(one: ProvenPackage, folder: string, content: ContentStore, signal: AbortSignal): Promise<void> {
  try {
    check(one, await unpackArchive(content.read(one.cid), folder, { maxBytes: one.size, durable: true, signal }));
  } catch (error) {
    if (!isSoukError(error) || !['CID_MISMATCH', 'BAD_ARCHIVE', 'TOO_LARGE'].includes(error.code)) throw error;
    // Bytes that were kept may have been damaged on disk since; the next time they are downloaded again.
    await content.delete(one.cid);
    throw new SoukError(error.code, `${one.name}@${one.version}: ${error.message}`, { hint: error.hint ?? 'Nothing was installed.', details: { name: one.name, version: one.version, ...error.details }, cause: error });
  }
}

function check(one: ProvenPackage, report: ArchiveReport): void {
  if (report.cid !== one.cid) throw new SoukError('CID_MISMATCH', `the bytes have the cid ${report.cid}, signed is ${one.cid}.`, { hint: 'Try again; the damaged copy was deleted.' });
  const wrong = [
    report.integrity === one.integrity ? '' : 'integrity',
    report.size === one.size ? '' : 'size',
    report.unpackedSize === one.unpackedSize ? '' : 'unpackedSize',
    report.files.length === one.files ? '' : 'files',
    report.tree === one.tree ? '' : 'tree',
    ...manifestDifferences(one, report),
  ].filter((field) => field !== '');
  if (wrong.length === 0) return;
  throw new SoukError('MANIFEST_MISMATCH', `${one.name}@${one.version} is not what its publisher signed: ${wrong.join(', ')}.`, {
    hint: 'Nothing was installed. Tell its publisher.',
    details: { name: one.name, version: one.version, fields: wrong },
  });
}

function manifestDifferences(one: ProvenPackage, report: ArchiveReport): string[] {
  let inside;
  try {
    inside = readManifest(report, one.kind);
  } catch {
    return ['manifest'];
  }
  return [inside.name === one.name ? '' : 'name', inside.version === one.version ? '' : 'version', sameManifest(inside.manifest, one.manifest) ? '' : 'manifest'];
}
