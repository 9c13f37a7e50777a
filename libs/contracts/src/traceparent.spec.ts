import { expect, test } from '@jest/globals';
import { formatTraceparent, isTraceId, parseTraceparent } from './traceparent.ts';

const id = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

test('a traceparent names a piece of work, and what comes after it is left to later versions', () => {
  const trace = { traceId: id, spanId: span, sampled: true };
  expect(parseTraceparent(formatTraceparent(trace))).toEqual(trace);
  expect(parseTraceparent(`00-${id}-${span}-00`)).toEqual({ ...trace, sampled: false });
  expect(parseTraceparent(`01-${id}-${span}-03-later`)).toEqual(trace);
});

test.each([
  undefined,
  '',
  'x',
  `00-${id}-${span}`,
  `00-${id.toUpperCase()}-${span}-01`,
  `00-${'0'.repeat(32)}-${span}-01`,
  `00-${id}-${'0'.repeat(16)}-01`,
  `ff-${id}-${span}-01`,
  `00-${id}-${span}-01\nx`,
  `01-${id}-${span}-01-${'x'.repeat(100)}`,
])('%j is no traceparent', (value) => {
  expect(parseTraceparent(value)).toBeUndefined();
});

test('a trace id is one only when it is whole', () => {
  expect(isTraceId(id)).toBe(true);
  for (const value of [undefined, '', '1234', `${id}0`, '0'.repeat(32), id.toUpperCase()]) expect(isTraceId(value)).toBe(false);
});
