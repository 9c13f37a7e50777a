import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { abortError, defaultArchiveLimits, SoukError, throwIfAborted, type ArchiveLimits } from '@souk/domain';
import { badArchive, brokenRule } from './bad-archive.ts';
import { inspectArchive } from './inspect-archive.ts';
import type { ArchiveReport } from './inspection.ts';
import { readNpmManifest } from './npm-manifest.ts';
import { packList, type PackFile } from './pack-list.ts';
import { sliceBytes, slicesOf } from './slices.ts';
import { storageError } from './storage-error.ts';
import { writeTar } from './write-tar.ts';

/** How a folder is packed. */
export interface PackOptions {
  /** Limits of the policy that the archive must keep; the defaults when left out. */
  readonly limits?: ArchiveLimits;
  /** Most bytes of the archive; beyond it TOO_LARGE. The limit of unpacked bytes when left out. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** A packed folder, in a temporary file of this user's until it is disposed of. */
export interface PackedArchive extends AsyncDisposable {
  /** The archive's temporary file. */
  readonly file: string;
  /** What the archive holds; sound. */
  readonly report: ArchiveReport;
  /** Links that were left out, as npm does; below the folder. */
  readonly skipped: readonly string[];
  /** The archive's bytes, as often as needed. */
  read(): AsyncIterable<Uint8Array>;
  /** Removes the temporary file. */
  dispose(): Promise<void>;
}

const what = 'Packing';

async function* withoutSystem(gzip: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of gzip) {
    // RFC 1952 keeps the writer's operating system in byte 9; 255 is "unknown", as npm writes
    if (first) chunk[9] = 255;
    first = false;
    yield chunk;
  }
}

async function* savedTo(handle: FileHandle, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    await handle.writeFile(chunk);
    yield chunk;
  }
}

async function writeArchive(files: readonly PackFile[], file: string, options: PackOptions): Promise<ArchiveReport> {
  const { limits = defaultArchiveLimits, signal } = options;
  const inspect = { limits, maxBytes: options.maxBytes ?? limits.maxUnpackedBytes, signal };
  const handle = await open(file, 'wx', 0o600);
  try {
    const gzip = createGzip({ level: 9, chunkSize: sliceBytes });
    return await pipeline(slicesOf(writeTar(files), signal, what), gzip, withoutSystem, (chunks: AsyncIterable<Buffer>) => inspectArchive(savedTo(handle, chunks), inspect));
  } finally {
    await handle.close();
  }
}

function refuseTooLarge(files: readonly PackFile[], limits: ArchiveLimits = defaultArchiveLimits): void {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (total <= limits.maxUnpackedBytes) return;
  const largest = files.reduce((a, b) => (b.size > a.size ? b : a));
  throw brokenRule('too-large', largest.path, `The files have ${total} bytes, this one alone ${largest.size}; at most ${limits.maxUnpackedBytes} are allowed.`);
}

/**
 * Packs a folder exactly as `npm pack` does - the same files, names below `package/`, and modes - without running any script, into bytes
 * that depend on nothing else: one tree gives one archive, whatever the times, the order on disk, the umask, the user or the machine,
 * as long as the runtime's zlib is the same; across runtimes the `tree` stays equal. Hard links become files; symbolic links are left out and named
 * in `skipped`. Throws BAD_MANIFEST (no usable package.json), BAD_ARCHIVE (the files break the archive policy), TOO_LARGE,
 * NOT_FOUND (no such folder), STORAGE_FULL, STORAGE_DENIED, STORAGE_CORRUPT (a file changed meanwhile), CANCELLED, TIMEOUT.
 */
export async function packFolder(folder: string, options: PackOptions = {}): Promise<PackedArchive> {
  const root = resolve(folder);
  throwIfAborted(options.signal, what);
  try {
    if (!(await stat(root)).isDirectory()) throw new SoukError('NOT_FOUND', `${root} is no folder.`, { hint: 'Name the folder that holds the package.json.' });
    const { files, skipped } = await packList(root, await readNpmManifest(root));
    refuseTooLarge(files, options.limits);
    const temporary = await mkdtemp(join(tmpdir(), 'souk-pack-'));
    const dispose = (): Promise<void> => rm(temporary, { recursive: true, force: true });
    try {
      const file = join(temporary, 'package.tgz');
      const report = await writeArchive(files, file, options);
      if (report.violations.length > 0) throw badArchive(report.violations, 'Rename or leave out the file: "files" in package.json and .npmignore decide what is packed.');
      return { file, report, skipped, read: () => createReadStream(file), dispose, [Symbol.asyncDispose]: dispose };
    } catch (error) {
      await dispose();
      throw error;
    }
  } catch (error) {
    if (options.signal?.aborted) throw abortError(options.signal, what);
    throw storageError(error, `${what} ${root}`);
  }
}
