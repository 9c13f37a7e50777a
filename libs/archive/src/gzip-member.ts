import { crc32, createInflateRaw } from 'node:zlib';
import { brokenRule } from './bad-archive.ts';
import { sliceBytes } from './slices.ts';

/** Bytes behind the compressed data: checksum and length. */
export const gzipTrailerBytes = 8;
const flags = { headerCrc: 0x02, extra: 0x04, name: 0x08, comment: 0x10, reserved: 0xe0 };

function afterText(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(0, from);
  return end === -1 ? Number.POSITIVE_INFINITY : end + 1;
}

/** Length of the gzip header (RFC 1952, 2.3) at the start of a file; throws `not-gzip`, `truncated`, `bad-gzip`. */
export function gzipHeaderLength(bytes: Uint8Array): number {
  if (bytes[0] !== 0x1f || (bytes.length > 1 && bytes[1] !== 0x8b)) throw brokenRule('not-gzip', '', 'The file is not gzip.');
  const flag = bytes[3] ?? 0;
  if (bytes.length > 3 && (bytes[2] !== 8 || (flag & flags.reserved) !== 0)) throw brokenRule('not-gzip', '', 'The file uses a kind of gzip that does not exist.');
  let end = 10;
  if (flag & flags.extra) end += 2 + (bytes[10] ?? 0) + (bytes[11] ?? 0) * 256;
  if (flag & flags.name) end = afterText(bytes, end);
  if (flag & flags.comment) end = afterText(bytes, end);
  if (flag & flags.headerCrc) end += 2;
  if (end <= bytes.length) return end;
  if (bytes.length < sliceBytes) throw brokenRule('truncated', '', 'The file ends inside the gzip header.');
  throw brokenRule('bad-gzip', '', `The gzip header is longer than ${sliceBytes} bytes.`);
}

/**
 * Reads a file that is exactly one gzip member (RFC 1952), slice by slice. Node's own gunzip also joins further members and ignores zeros
 * after them, so that two programs may see two contents in one file; here whatever follows the first member is refused.
 */
export class GzipMember {
  readonly #inflate = createInflateRaw({ chunkSize: sliceBytes });
  #started = false;
  #fed = 0;
  #produced = 0;
  #crc = 0;
  #trailer: Uint8Array | undefined;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor() {
    this.#inflate.on('readable', () => this.#wake());
    this.#inflate.on('error', (error) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /** The uncompressed bytes of the next slice of `slicesOf`; throws BAD_ARCHIVE. */
  async *push(slice: Uint8Array): AsyncGenerator<Uint8Array> {
    if (this.#trailer) return this.#takeTrailer(slice);
    const body = this.#started ? slice : slice.subarray(gzipHeaderLength(slice));
    this.#started = true;
    if (body.length === 0) return;
    this.#fed += body.length;
    yield* this.#decompress(body);
    const unread = this.#fed - this.#inflate.bytesWritten;
    if (unread === 0) return;
    this.#trailer = new Uint8Array(0);
    this.#takeTrailer(body.subarray(body.length - unread));
  }

  /** Checks that the member was whole; throws `truncated`, `bad-gzip`. */
  finish(): void {
    if (!this.#started) throw brokenRule('not-gzip', '', 'The file is empty.');
    if (!this.#trailer || this.#trailer.length < gzipTrailerBytes) throw brokenRule('truncated', '', 'The compressed data ends too early.');
    const view = new DataView(this.#trailer.buffer, this.#trailer.byteOffset);
    if (view.getUint32(0, true) !== this.#crc) throw brokenRule('bad-gzip', '', 'The checksum of the compressed data is wrong.');
    if (view.getUint32(4, true) !== this.#produced % 2 ** 32) throw brokenRule('bad-gzip', '', 'The length of the compressed data is wrong.');
  }

  /** Frees the decompressor; call it always. */
  close(): void {
    this.#inflate.destroy();
  }

  async *#decompress(body: Uint8Array): AsyncGenerator<Uint8Array> {
    let taken = false;
    this.#inflate.write(body, () => {
      taken = true;
      this.#wake();
    });
    for (;;) {
      const out = this.#inflate.read() as Buffer | null;
      if (this.#failure) throw brokenRule('bad-gzip', '', 'The compressed data is damaged.');
      if (out) {
        this.#crc = crc32(out, this.#crc);
        this.#produced += out.length;
        yield out;
      } else if (taken) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #takeTrailer(bytes: Uint8Array): void {
    const trailer = Buffer.concat([this.#trailer ?? new Uint8Array(0), bytes]);
    if (trailer.length > gzipTrailerBytes) {
      const again = trailer[gzipTrailerBytes] === 0x1f && trailer[gzipTrailerBytes + 1] === 0x8b;
      throw brokenRule('trailing-data', '', again ? 'A second gzip member follows the first.' : 'Something follows the compressed data.');
    }
    this.#trailer = trailer;
  }
}
