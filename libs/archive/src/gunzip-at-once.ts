import { crc32, inflateRawSync } from 'node:zlib';
import { gzipHeaderLength, gzipTrailerBytes } from './gzip-member.ts';

interface Inflated {
  readonly buffer: Buffer;
  /** The decompressor, which knows how much of its input it read. */
  readonly engine: { readonly bytesWritten: number };
}

/** Least bytes of a buffer of zlib. */
const minChunk = 64;

/**
 * The contents of a file that is exactly one sound gzip member (RFC 1952) and holds at most `maxBytes`; undefined for any other, which
 * `GzipMember` then explains. Synchronous: a decompressor that lives for one small file costs more than its work.
 */
export function gunzipAtOnce(bytes: Uint8Array, maxBytes: number): Uint8Array | undefined {
  try {
    const body = bytes.subarray(gzipHeaderLength(bytes));
    if (body.length < gzipTrailerBytes) return undefined;
    const view = new DataView(body.buffer, body.byteOffset + body.length - gzipTrailerBytes, gzipTrailerBytes);
    // Room for what its trailer promises, and one byte more, so that it is not asked for again; a lie is found out below.
    const chunkSize = Math.max(minChunk, Math.min(view.getUint32(4, true), maxBytes) + 1);
    const { buffer, engine } = inflateRawSync(body, { info: true, maxOutputLength: maxBytes, chunkSize }) as unknown as Inflated;
    if (body.length - engine.bytesWritten !== gzipTrailerBytes) return undefined;
    return view.getUint32(0, true) === crc32(buffer) && view.getUint32(4, true) === buffer.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}
