/** Beyond it a value is left to the long way. */
const maxDepth = 32;
/** Values of what `skip` answers instead of an index: there is a doubt. */
const doubt = -1;
const [text, list, map] = [3, 4, 5];
const tag42 = 0x2a;
/** Tag 42, a byte string of 37 bytes: a zero and a CIDv1 with a hash of 32 bytes. */
const cidBytes = 37;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A head as (its argument, the index behind it), the argument -1 when it is not in its shortest form or too large for us. */
let argument = doubt;

/** Reads the head at an index; answers the index behind it. RFC 8949, 3: the low five bits are the argument, or say how many bytes of it follow. */
function readHead(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) & 0x1f;
  argument = doubt;
  if (low < 24) argument = low;
  else if (low === 24) argument = shortest(bytes[at + 1], 24);
  else if (low === 25) argument = shortest((bytes[at + 1] as number) * 0x100 + (bytes[at + 2] as number), 0x100);
  else if (low === 26) argument = shortest(((bytes[at + 1] as number) * 0x100 + (bytes[at + 2] as number)) * 0x10000 + (bytes[at + 3] as number) * 0x100 + (bytes[at + 4] as number), 0x10000);
  else if (low === 27) {
    const high = ((bytes[at + 1] as number) * 0x100 + (bytes[at + 2] as number)) * 0x10000 + (bytes[at + 3] as number) * 0x100 + (bytes[at + 4] as number);
    const rest = ((bytes[at + 5] as number) * 0x100 + (bytes[at + 6] as number)) * 0x10000 + (bytes[at + 7] as number) * 0x100 + (bytes[at + 8] as number);
    argument = high < 0x20_0000 ? shortest(high * 0x1_0000_0000 + rest, 0x1_0000_0000) : doubt;
  }
  return at + (low < 24 ? 1 : 1 + 2 ** (low - 24));
}

/** The value unless fewer bytes would have done. What lies behind the end of the bytes is not a number, and so no value. */
function shortest(value: number | undefined, least: number): number {
  return value !== undefined && value >= least ? value : doubt;
}

/** Whether a text survives being decoded and encoded: UTF-8 without a byte order mark, which decoders take away. */
function isPlainText(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((bytes[at] as number) > 0x7f) return isPlainUtf8(bytes.subarray(from, to));
  return true;
}

function isPlainUtf8(bytes: Uint8Array): boolean {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return false;
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** How a key stands to the one before it by dag-cbor's order: shorter ones first, then byte by byte. */
function isBehind(bytes: Uint8Array, [before, beforeEnd]: readonly [number, number], [from, to]: readonly [number, number]): boolean {
  const more = to - from - (beforeEnd - before);
  if (more !== 0) return more > 0;
  for (let at = 0; from + at < to; at++) {
    const step = (bytes[from + at] as number) - (bytes[before + at] as number);
    if (step !== 0) return step > 0;
  }
  return false;
}

/** The index behind a key of a map, which must be plain ASCII: two code units that look alike have one order only there. */
function skipKey(bytes: Uint8Array, at: number): readonly [number, number] | undefined {
  if ((bytes[at] as number) >> 5 !== text) return undefined;
  const from = readHead(bytes, at);
  const to = from + argument;
  if (argument === doubt || to > bytes.length) return undefined;
  for (let index = from; index < to; index++) if ((bytes[index] as number) > 0x7f) return undefined;
  // An object loses what is kept under this key.
  const isPrototype = to - from === 9 && bytes[from] === 0x5f && bytes[from + 1] === 0x5f;
  return isPrototype ? undefined : [from, to];
}

function skipMap(bytes: Uint8Array, from: number, pairs: number, depth: number): number {
  let at = from;
  let before: readonly [number, number] | undefined;
  for (let pair = 0; pair < pairs; pair++) {
    const key = skipKey(bytes, at);
    if (!key || (before && !isBehind(bytes, before, key))) return doubt;
    before = key;
    at = skip(bytes, key[1], depth + 1);
    if (at === doubt) return doubt;
  }
  return at;
}

function skipList(bytes: Uint8Array, from: number, length: number, depth: number): number {
  let at = from;
  for (let index = 0; index < length && at !== doubt; index++) at = skip(bytes, at, depth + 1);
  return at;
}

function isSimple(byte: number): boolean {
  return byte === 0xf4 || byte === 0xf5 || byte === 0xf6;
}

/** The index behind the value at an index. */
function skip(bytes: Uint8Array, at: number, depth: number): number {
  if (at >= bytes.length || depth > maxDepth) return doubt;
  const first = bytes[at] as number;
  const major = first >> 5;
  if (major === 7) return isSimple(first) ? at + 1 : doubt;
  const next = readHead(bytes, at);
  const value = argument;
  if (value === doubt || next > bytes.length) return doubt;
  if (major < 2) return value < Number.MAX_SAFE_INTEGER ? next : doubt;
  if (major === list) return skipList(bytes, next, value, depth);
  if (major === map) return skipMap(bytes, next, value, depth);
  if (major === 6) return value === tag42 && bytes[next] === 0x58 && bytes[next + 1] === cidBytes && bytes[next + 2] === 0 && bytes[next + 3] === 1 ? skip(bytes, next, depth + 1) : doubt;
  const end = next + value;
  if (end > bytes.length) return doubt;
  return major !== text || isPlainText(bytes, next, end) ? end : doubt;
}

/**
 * Whether bytes that can be decoded are surely the canonical dag-cbor of one value: lengths and integers in their shortest form, keys in their order
 * and each once, texts that are UTF-8, no floats. False when in doubt, so that only encoding the value again can tell; that takes ten times as long.
 */
export function isPlainCanonical(bytes: Uint8Array): boolean {
  return skip(bytes, 0, 0) === bytes.length;
}
