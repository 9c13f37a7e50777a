import { brokenRule } from './bad-archive.ts';

/** Bytes of a tar block. */
export const blockBytes = 512;

/** One header block, read strictly. Extended headers are not yet applied. */
export interface TarHeader {
  /** Name, with the ustar prefix. */
  readonly path: string;
  readonly pathIsUtf8: boolean;
  readonly mode: number;
  readonly size: number;
  /** The type flag as a character; the old NUL is `0`. */
  readonly type: string;
  readonly linkName: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const checksumAt = 148;
const checksumEnd = 156;

function untilNul(field: Uint8Array): Uint8Array {
  const end = field.indexOf(0);
  return end === -1 ? field : field.subarray(0, end);
}

/** An octal number, padded by spaces and closed by NULs or spaces; an empty field is 0. Anything else is undefined: binary numbers are larger than any limit. */
function octal(block: Uint8Array, from: number, to: number): number | undefined {
  const text = Buffer.from(block.buffer, block.byteOffset + from, to - from).toString('latin1');
  const match = /^ *([0-7]*)[ \0]*$/.exec(text);
  return match ? Number.parseInt(match[1] || '0', 8) : undefined;
}

function checksumOf(block: Uint8Array): number {
  let sum = 0x20 * (checksumEnd - checksumAt);
  for (let at = 0; at < checksumAt; at += 1) sum += block[at] as number;
  for (let at = checksumEnd; at < blockBytes; at += 1) sum += block[at] as number;
  return sum;
}

/** Whether a ustar prefix belongs to the name; throws for a magic that programs do not agree on. */
function hasPrefix(block: Uint8Array): boolean {
  const magic = Buffer.from(block.buffer, block.byteOffset + 257, 8).toString('latin1');
  if (magic === 'ustar\u000000') return true;
  if (magic === 'ustar  \0' || magic === '\0\0\0\0\0\0\0\0') return false;
  throw brokenRule('bad-header', '', 'A header is of no known tar format.');
}

function nameOf(block: Uint8Array): { path: string; pathIsUtf8: boolean } {
  const prefix = hasPrefix(block) ? untilNul(block.subarray(345, 500)) : new Uint8Array(0);
  const name = untilNul(block.subarray(0, 100));
  const bytes = prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]);
  try {
    return { path: utf8.decode(bytes), pathIsUtf8: true };
  } catch {
    return { path: Buffer.from(bytes).toString('utf8'), pathIsUtf8: false };
  }
}

/**
 * Reads a header block (POSIX.1-2017 ustar, or GNU and Unix v7 tar) that is not all zeros. Throws `bad-header` for a wrong checksum,
 * a size that is no plain octal number, an unknown format or an empty name.
 */
export function readTarHeader(block: Uint8Array): TarHeader {
  if (octal(block, checksumAt, checksumEnd) !== checksumOf(block)) throw brokenRule('bad-header', '', 'A header has a wrong checksum.');
  const { path, pathIsUtf8 } = nameOf(block);
  if (path === '') throw brokenRule('bad-header', '', 'A header has no name.');
  const size = octal(block, 124, 136);
  if (size === undefined) throw brokenRule('bad-header', path, 'A header has a size that is no octal number.');
  return {
    path,
    pathIsUtf8,
    mode: octal(block, 100, 108) ?? 0,
    size,
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156] as number),
    linkName: Buffer.from(untilNul(block.subarray(157, 257))).toString('latin1'),
  };
}
