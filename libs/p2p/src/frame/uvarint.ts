/** Bytes of the longest length that is read: enough for 2^28 - 1. */
const maxBytes = 4;

/** An unsigned varint (LEB128, as in the multiformats specification) of a length below 2^28. */
export function encodeUvarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** What was read: the value and how many bytes it took. */
export interface Uvarint {
  readonly value: number;
  readonly size: number;
}

/**
 * Reads the varint that begins `bytes`. Undefined while it is not complete; `'bad'` when it is longer than any length
 * we accept or not in its shortest form.
 */
export function decodeUvarint(bytes: { readonly byteLength: number; get(index: number): number }): Uvarint | 'bad' | undefined {
  let value = 0;
  for (let size = 1; size <= maxBytes; size += 1) {
    if (bytes.byteLength < size) return undefined;
    const byte = bytes.get(size - 1);
    value |= (byte & 0x7f) << (7 * (size - 1));
    if (byte < 0x80) return size > 1 && byte === 0 ? 'bad' : { value, size };
  }
  return 'bad';
}
