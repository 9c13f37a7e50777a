import { diffFiles, parseCid, SoukError, type ReleaseBody } from '@souk/domain';
import type { ArchiveReports } from '../blobs/archive-reports.ts';

/** Most paths of one list that an error carries. */
const maxPaths = 100;

/**
 * A VERSION_EXISTS with details `files: { added, removed, changed }` (at most 100 paths each, and `total` of all) beside the ones it had:
 * how the refused release differs from the published one. Without them when the published archive is not held here.
 */
export async function withChangedFiles(error: SoukError, releases: readonly ReleaseBody[], reports: ArchiveReports): Promise<SoukError> {
  const { name, version, cid, sameTree } = error.details ?? {};
  const refused = releases.find((one) => one.name === name && one.version === version);
  if (!refused || sameTree === true || typeof cid !== 'string') return error;
  try {
    const [before, after] = [await reports.of(parseCid(cid)), await reports.of(refused.cid)];
    const { added, removed, changed } = diffFiles(before.files, after.files);
    const files = { added: added.slice(0, maxPaths), removed: removed.slice(0, maxPaths), changed: changed.slice(0, maxPaths), total: added.length + removed.length + changed.length };
    return new SoukError(error.code, error.message, { hint: error.hint, details: { ...error.details, files }, cause: error });
  } catch {
    return error;
  }
}
