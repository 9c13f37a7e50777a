import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { SoukError, throwIfAborted } from '@souk/domain';
import { ifPresent, onDisk } from '../home/on-disk.ts';

/** One line of a file. */
export interface FileLine {
  /** From 1. */
  readonly number: number;
  /** Without the line break; undefined when the line is longer than the limit. */
  readonly bytes: Uint8Array | undefined;
}

/** A file of lines, perhaps compressed. */
export interface LineFile {
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes of the file that were read so far. */
  readonly position: number;
  /** Its lines but empty ones, in order. Throws BAD_REQUEST when the compressed data is damaged, CANCELLED. */
  lines(): AsyncGenerator<FileLine, void, undefined>;
}

/** How a file is read. */
export interface LineFileOptions {
  /** Most bytes of a line. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Opens a file of lines; gzip is recognised by its first bytes, whatever the name. Throws NOT_FOUND, STORAGE_DENIED. */
export async function openLineFile(path: string, options: LineFileOptions): Promise<LineFile> {
  const about = await onDisk(`Reading ${path}`, () => ifPresent(() => look(path)));
  if (about === undefined) throw new SoukError('NOT_FOUND', `There is no file ${path}.`, { hint: 'Give a file with one package as JSON per line, .jsonl or .jsonl.gz.' });
  const source = createReadStream(path, { signal: options.signal });
  return { size: about.size, get position() { return source.bytesRead; }, lines: () => linesOf(decompressed(source, about.isGzip, path, options.signal), options) };
}

async function look(path: string): Promise<{ size: number; isGzip: boolean }> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return { size: (await file.stat()).size, isGzip: bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b };
  } finally {
    await file.close();
  }
}

async function* decompressed(source: ReturnType<typeof createReadStream>, isGzip: boolean, path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const gunzip = isGzip ? source.pipe(createGunzip()) : undefined;
  // A pipe does not pass errors on.
  source.on('error', (error) => gunzip?.destroy(error));
  try {
    yield* (gunzip ?? source) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throwIfAborted(signal, 'The import');
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    if (code.startsWith('Z_')) throw new SoukError('BAD_REQUEST', `The compressed file ${path} is damaged or cut off.`, { hint: 'What came before is imported; correct the file and import it again.', cause: error });
    throw error;
  } finally {
    source.destroy();
  }
}

/** The lines of bytes that come in pieces: a line costs no more memory than the limit, however long it is. */
async function* linesOf(pieces: AsyncIterable<Uint8Array>, { maxBytes }: LineFileOptions): AsyncGenerator<FileLine, void, undefined> {
  let held: Uint8Array[] = [];
  let length = 0;
  let number = 0;
  const line = (end: Uint8Array): FileLine | undefined => {
    number += 1;
    const size = length + end.length;
    const whole = size > maxBytes ? undefined : held.length === 0 ? end : Buffer.concat([...held, end]);
    [held, length] = [[], 0];
    const bytes = whole?.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole;
    return bytes?.length === 0 ? undefined : { number, bytes };
  };
  for await (const piece of pieces) {
    let from = 0;
    for (let at = piece.indexOf(newline); at !== -1; at = piece.indexOf(newline, from)) {
      const found = line(piece.subarray(from, at));
      if (found) yield found;
      from = at + 1;
    }
    const rest = piece.subarray(from);
    if (length <= maxBytes) held.push(rest);
    length += rest.length;
  }
  const last = length > 0 ? line(new Uint8Array(0)) : undefined;
  if (last) yield last;
}
