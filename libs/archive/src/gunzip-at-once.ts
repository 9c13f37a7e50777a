import { crc32, inflateRawSync } from 'node:zlib';
import { gzipHeaderLength, gzipTrailerBytes } from './gzip-member.ts';

interface Inflated {
  readonly buffer: Buffer;
  /** The decompressor, which knows how much of its input it read. */
  readonly engine: { readonly bytesWritten: number };
}

/**
 * The contents of a file that is exactly one sound gzip member (RFC 1952) and holds at most `maxBytes`; undefined for any other, which
 * `GzipMember` then explains. Synchronous: a decompressor that lives for one small file costs more than its work.
 */
export function gunzipAtOnce(bytes: Uint8Array, maxBytes: number): Uint8Array | undefined {
  try {
    const body = bytes.subarray(gzipHeaderLength(bytes));
    const { buffer, engine } = inflateRawSync(body, { info: true, maxOutputLength: maxBytes }) as unknown as Inflated;
    const trailer = body.subarray(engine.bytesWritten);
    if (trailer.length !== gzipTrailerBytes) return undefined;
    const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.length);
    return view.getUint32(0, true) === crc32(buffer) && view.getUint32(4, true) === buffer.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}
