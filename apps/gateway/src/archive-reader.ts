import { inspectArchive, requireSound, type ArchiveReport } from '@souk/archive';
import type { VersionDoc } from '@souk/contracts';
import { SoukError, type Cid } from '@souk/domain';
import { LRUCache } from 'lru-cache';
import type { BlobClient } from './blob-client.ts';

/** Most files of all reports that are remembered together. */
const maxFiles = 100_000;

/** What is inside the archives of versions. A report never changes, because its cid names its bytes; the last ones are remembered. */
export class ArchiveReader {
  readonly #reports: LRUCache<string, ArchiveReport, VersionDoc>;

  constructor(blobs: BlobClient, maxBytes: number) {
    this.#reports = new LRUCache({
      maxSize: maxFiles,
      sizeCalculation: (report) => report.files.length + 1,
      fetchMethod: async (cid, _stale, { signal, context }) => {
        const answer = await blobs.getRelease({ cid: cid as Cid, name: context.name, version: context.version }, {}, signal);
        return requireSound(await inspectArchive(answer.bytes, { maxBytes, signal }));
      },
    });
  }

  /** The report of a version's archive, read once however many ask. Throws NO_PROVIDER, BAD_ARCHIVE. */
  async report(version: VersionDoc): Promise<ArchiveReport> {
    const report = await this.#reports.fetch(version.cid, { context: version });
    if (!report) throw new SoukError('BLOB_NOT_FOUND', `The archive of ${version.name}@${version.version} can't be read now.`, { hint: 'Try again in a moment.' });
    return report;
  }
}
