import { expect, test } from '@jest/globals';
import { adoptTraceId, continueTrace, currentTrace, newTrace, traceparentOf, withinTrace } from './trace.ts';

const id = '0af7651916cd43dd8448eb211c80319c';

test('a traceparent is continued with a span of its own', () => {
  const trace = continueTrace(`00-${id}-b7ad6b7169203331-01`);
  expect(trace).toMatchObject({ traceId: id, sampled: true });
  expect(trace?.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(trace?.spanId).not.toBe('b7ad6b7169203331');
  expect(traceparentOf({ traceId: id, spanId: 'b7ad6b7169203331', sampled: false })).toBe(`00-${id}-b7ad6b7169203331-00`);
});

test.each([
  undefined,
  '',
  'x',
  `00-${id}-b7ad6b7169203331`,
  `00-${id.toUpperCase()}-b7ad6b7169203331-01`,
  `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  `00-${id}-${'0'.repeat(16)}-01`,
  `ff-${id}-b7ad6b7169203331-01`,
  `00-${id}-b7ad6b7169203331-01\nx`,
])('%j is no traceparent', (value) => {
  expect(continueTrace(value)).toBeUndefined();
});

test('a bare trace id is adopted when it is one', () => {
  expect(adoptTraceId(id)).toMatchObject({ traceId: id });
  for (const value of [undefined, '', '1234', `${id}0`, '0'.repeat(32), id.toUpperCase()]) expect(adoptTraceId(value)).toBeUndefined();
});

test('a trace holds for what is awaited within it, and nowhere else', async () => {
  const trace = newTrace();
  const inside = withinTrace(trace, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return currentTrace();
  });
  expect(currentTrace()).toBeUndefined();
  expect(await inside).toBe(trace);
});
