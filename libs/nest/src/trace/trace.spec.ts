import { expect, test } from '@jest/globals';
import { currentTrace, newTrace, nextHop, traceHeaders, withinTrace } from './trace.ts';

test('a further piece of work of a trace has an id of its own', () => {
  const trace = { ...newTrace(), sampled: true };
  const next = nextHop(trace);
  expect(next).toMatchObject({ traceId: trace.traceId, sampled: true });
  expect(next.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(next.spanId).not.toBe(trace.spanId);
});

test('a trace holds for what is awaited within it, and nowhere else', async () => {
  const trace = newTrace();
  const inside = withinTrace(trace, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return [currentTrace(), traceHeaders()];
  });
  expect([currentTrace(), traceHeaders()]).toEqual([undefined, {}]);
  expect(await inside).toEqual([trace, { traceparent: `00-${trace.traceId}-${trace.spanId}-00` }]);
});
