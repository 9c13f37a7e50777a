import { expect, test } from '@jest/globals';
import { Uint8ArrayList } from 'uint8arraylist';
import { decodeUvarint, encodeUvarint } from './uvarint.ts';

test.each([0, 1, 127, 128, 300, 16_383, 16_384, 262_144, 2 ** 28 - 1])('%d comes back as it went', (value) => {
  const bytes = encodeUvarint(value);
  expect(decodeUvarint(new Uint8ArrayList(bytes, Uint8Array.of(9)))).toEqual({ value, size: bytes.length });
  expect(decodeUvarint(new Uint8ArrayList(bytes.subarray(0, -1)))).toBeUndefined();
});

test.each([
  ['longer than any length', [0x80, 0x80, 0x80, 0x80]],
  ['not in its shortest form', [0x80, 0x00]],
])('one that is %s is bad', (_what, bytes) => {
  expect(decodeUvarint(new Uint8ArrayList(Uint8Array.from(bytes)))).toBe('bad');
});
