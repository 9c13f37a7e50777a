import { ArchiveReading, type ReadOptions } from './archive-reading.ts';
import { badArchive } from './bad-archive.ts';
import { Inspection, type ArchiveReport } from './inspection.ts';

/**
 * Reads an archive once, as a stream, and tells everything about it. A hostile archive is reported by violations, never by an exception;
 * at most some 100 KiB of it, its manifest and its readme are in memory at a time. Throws TOO_LARGE beyond `maxBytes`, CANCELLED, TIMEOUT,
 * and what the source throws.
 */
export async function inspectArchive(bytes: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<ArchiveReport> {
  const reading = new ArchiveReading(bytes, options, 'report-all');
  const inspection = new Inspection();
  for await (const batch of reading.batches()) {
    for (const event of batch) inspection.take(event);
  }
  return inspection.report(reading);
}

/** The report itself when the archive is sound; else throws BAD_ARCHIVE with details `{ violations }`. */
export function requireSound(report: ArchiveReport): ArchiveReport {
  if (report.violations.length > 0) throw badArchive(report.violations);
  return report;
}
