/** Which bytes of a representation a client wants: a slice, all of it, or a slice that it does not have. */
export type ByteRange = { readonly offset: number; readonly length: number } | 'all' | 'unsatisfiable';

const onePattern = /^bytes=\s*(\d*)-(\d*)\s*$/i;

/**
 * Reads a `Range` header (RFC 9110, section 14). One range is honoured; several, other units and malformed ones count as no range at all.
 * @param size bytes of the whole representation
 */
export function byteRange(header: string | undefined, size: number): ByteRange {
  const [, first = '', last = ''] = onePattern.exec(header ?? '') ?? [];
  if (first === '' && last === '') return 'all';
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { offset: size - length, length };
  }
  const offset = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < offset) return 'all';
  return offset >= size ? 'unsatisfiable' : { offset, length: end - offset + 1 };
}
