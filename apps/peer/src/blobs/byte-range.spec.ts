import { expect, test } from '@jest/globals';
import { byteRange } from './byte-range.ts';

test.each([
  ['bytes=0-3', { offset: 0, length: 4 }],
  ['bytes=6-', { offset: 6, length: 4 }],
  ['bytes=-4', { offset: 6, length: 4 }],
  ['bytes=-40', { offset: 0, length: 10 }],
  ['bytes=4-400', { offset: 4, length: 6 }],
  ['Bytes=9-9', { offset: 9, length: 1 }],
])('%s of ten bytes is one slice', (header, slice) => {
  expect(byteRange(header, 10)).toEqual(slice);
});

test.each(['bytes=10-', 'bytes=10-12', 'bytes=-0'])('%s of ten bytes cannot be satisfied', (header) => {
  expect(byteRange(header, 10)).toBe('unsatisfiable');
});

test.each([undefined, '', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=0-1,4-5', 'lines=0-1', 'bytes=a-b', 'bytes=0x1-3'])('%s is no range', (header) => {
  expect(byteRange(header, 10)).toBe('all');
});
