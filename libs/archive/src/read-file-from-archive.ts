import { SoukError } from '@souk/domain';
import { ArchiveReading, type ReadOptions } from './archive-reading.ts';
import { badArchive } from './bad-archive.ts';

/** How one file is read out of an archive. */
export interface ReadFileOptions extends ReadOptions {
  /** Most bytes of the file; beyond it TOO_LARGE. */
  readonly maxFileBytes: number;
}

/**
 * The content of one file of an archive, `path` below the root folder; reads no further than its end. The archive's policy is applied
 * up to there. Throws NOT_FOUND, TOO_LARGE, BAD_ARCHIVE, CANCELLED, TIMEOUT, and what the source throws.
 */
export async function readFileFromArchive(bytes: AsyncIterable<Uint8Array>, path: string, options: ReadFileOptions): Promise<Uint8Array> {
  const reading = new ArchiveReading(bytes, options, 'stop-at-first');
  let content: Uint8Array[] | undefined;
  for await (const batch of reading.batches()) {
    for (const event of batch) {
      if (event.kind === 'file' && event.path === path) {
        if (event.size > options.maxFileBytes) throw tooLarge(path, event.size, options.maxFileBytes);
        content = [];
      } else if (event.kind === 'data') content?.push(event.bytes);
      else if (event.kind === 'end' && content) return new Uint8Array(Buffer.concat(content));
    }
  }
  if (reading.violations.length > 0) throw badArchive(reading.violations);
  throw new SoukError('NOT_FOUND', `The archive has no file ${JSON.stringify(path.slice(0, 256))}.`, { hint: 'Paths are relative to the package, such as README.md or src/index.js.' });
}

function tooLarge(path: string, size: number, maxBytes: number): SoukError {
  return new SoukError('TOO_LARGE', `${path} has ${size} bytes; at most ${maxBytes} are shown.`, { hint: 'Download the package instead.', details: { size, maxBytes } });
}
