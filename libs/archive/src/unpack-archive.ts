import type { FileEntry } from '@souk/domain';
import { ArchiveReading, type ReadOptions } from './archive-reading.ts';
import { badArchive } from './bad-archive.ts';
import { FolderWriter } from './folder-writer.ts';
import { Inspection, type ArchiveReport } from './inspection.ts';
import { storageError } from './storage-error.ts';

/** How an archive is unpacked. */
export interface UnpackOptions extends ReadOptions {
  /** Whether files and folders are on disk, not only in the system's cache, when the promise resolves. Default false. */
  readonly durable?: boolean;
  /** Told of each file once it is written. */
  readonly onFile?: (file: FileEntry) => void;
}

/**
 * Unpacks an archive into a folder that does not exist yet and whose parent does. Each entry is judged by the policy before anything of it
 * is written, nothing outside the folder is touched, no link is made or followed, and files get mode 644 or 755 less the umask.
 * All or nothing: whatever fails, the folder is removed. The caller compares `cid` or `tree` of the report with what it expects, before
 * it uses the folder. Throws BAD_ARCHIVE (details `{ violations }`), TOO_LARGE, CANCELLED, TIMEOUT, STORAGE_FULL, STORAGE_DENIED,
 * BAD_REQUEST (the folder exists), NOT_FOUND (its parent does not), and what the source throws.
 */
export async function unpackArchive(bytes: AsyncIterable<Uint8Array>, folder: string, options: UnpackOptions): Promise<ArchiveReport> {
  const writer = await FolderWriter.create(folder);
  try {
    const report = await writeArchive(new ArchiveReading(bytes, options, 'stop-at-first'), writer, options.onFile);
    if (options.durable) await writer.sync();
    return report;
  } catch (error) {
    // the first failure is what the caller must know, even when removing fails as well
    await writer.remove().catch(() => undefined);
    throw storageError(error, `Unpacking into ${folder}`);
  }
}

async function writeArchive(reading: ArchiveReading, writer: FolderWriter, onFile: UnpackOptions['onFile']): Promise<ArchiveReport> {
  const inspection = new Inspection();
  for await (const batch of reading.batches()) {
    for (const event of batch) {
      const file = inspection.take(event);
      writer.take(event);
      if (file) onFile?.(file);
    }
  }
  if (reading.violations.length > 0) throw badArchive(reading.violations);
  return inspection.report(reading);
}
