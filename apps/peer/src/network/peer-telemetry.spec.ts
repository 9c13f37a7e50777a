import { expect, test } from '@jest/globals';
import { newTrace, Spans, withinTrace, type Span, type SpanFacts, type SpanOrigin } from '@souk/nest';
import { traceHook } from './peer-telemetry.ts';

const theirs = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true };
const traceparent = `00-${theirs.traceId}-${theirs.spanId}-01`;
const exchange = { protocol: '/souk/blob/1', question: 'get?', peer: '12D3KooWpeer' };

/** Spans that note what is begun. */
class NotedSpans extends Spans {
  readonly isOn = true;
  readonly begun: { readonly facts: SpanFacts; readonly origin: SpanOrigin | undefined }[] = [];

  begin(facts: SpanFacts, origin?: SpanOrigin): Span {
    this.begun.push({ facts, origin });
    return { trace: newTrace(), note: () => undefined, end: () => undefined };
  }
}

const facts = { name: '/souk/blob/1 get?', attributes: { 'rpc.system': 'souk', 'rpc.method': 'get?', 'souk.protocol': '/souk/blob/1', 'souk.peer': '12D3KooWpeer' } };

test('who has the key of the network is continued; in an open one a trace begins that names theirs as a link', async () => {
  const spans = new NotedSpans();
  expect(await traceHook(spans, true).serve(exchange, traceparent, async () => 'answer')).toBe('answer');
  expect(await traceHook(spans, false).serve(exchange, traceparent, async () => 'answer')).toBe('answer');
  expect(spans.begun).toEqual([
    { facts: { ...facts, kind: 'server' }, origin: { parent: theirs } },
    { facts: { ...facts, kind: 'server' }, origin: { link: theirs } },
  ]);
});

test.each(['', 'x', `00-${theirs.traceId}-${theirs.spanId}`, `00-${'0'.repeat(32)}-${theirs.spanId}-01`, 'x'.repeat(128)])('%j from a peer is no trace: the answer is as ever, and nothing is recorded', async (text) => {
  const spans = new NotedSpans();
  expect(await traceHook(spans, true).serve(exchange, text, async () => 'answer')).toBe('answer');
  expect(spans.begun).toEqual([]);
});

test('what is asked for somebody is a part of their trace; what a peer does by itself is none', async () => {
  const spans = new NotedSpans();
  const hook = traceHook(spans, true);
  await hook.ask(exchange, async () => undefined);
  expect(spans.begun).toEqual([]);
  expect(hook.current()).toBeUndefined();
  await withinTrace(theirs, async () => {
    expect(hook.current()).toBe(traceparent);
    await hook.ask(exchange, async () => undefined);
  });
  expect(spans.begun).toEqual([{ facts: { ...facts, kind: 'client' }, origin: undefined }]);
});
