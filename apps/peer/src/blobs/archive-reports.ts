import { inspectArchive, type ArchiveReport } from '@souk/archive';
import type { BlobStore, Cid } from '@souk/domain';
import { LRUCache } from 'lru-cache';

/** What a report weighs in the cache: about as many files as it lists. */
const weightOf = (report: ArchiveReport): number => 16 + report.files.length;
const defaultWeight = 200_000;

/** What the archives that are held here contain, the latest ones remembered: a publish looks at its archive at upload, again when the release comes. */
export class ArchiveReports {
  readonly #blobs: Pick<BlobStore, 'read'>;
  readonly #cache: LRUCache<Cid, ArchiveReport>;

  /** `maxBytes` is the most bytes that a blob may have, `maxWeight` about how many files all remembered reports may list. */
  constructor(blobs: Pick<BlobStore, 'read'>, maxBytes: number, maxWeight = defaultWeight) {
    this.#blobs = blobs;
    this.#cache = new LRUCache({
      maxSize: maxWeight,
      sizeCalculation: weightOf,
      fetchMethod: async (cid) => inspectArchive(await this.#blobs.read(cid), { maxBytes }),
    });
  }

  /** The report of a blob, sound or not. Throws BLOB_NOT_FOUND, TOO_LARGE. */
  async of(cid: Cid): Promise<ArchiveReport> {
    return this.#cache.forceFetch(cid);
  }

  /** Takes over the report of a blob that was kept just now. */
  remember(report: ArchiveReport): void {
    this.#cache.set(report.cid, report);
  }
}
