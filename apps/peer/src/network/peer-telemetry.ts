import { formatTraceparent, parseTraceparent } from '@souk/contracts';
import { currentTrace, inSpan, type Metrics, type SpanFacts, type Spans } from '@souk/nest';
import type { Exchange, FrameTap, TraceHook } from '@souk/p2p';

const spanOf = ({ protocol, question, peer }: Exchange, kind: 'client' | 'server'): SpanFacts => ({
  name: `${protocol} ${question}`,
  kind,
  attributes: { 'rpc.system': 'souk', 'rpc.method': question, 'souk.protocol': protocol, ...(peer === undefined ? {} : { 'souk.peer': peer }) },
});

/**
 * Carries the site's traces to other peers and theirs into our answers. Who has the network's key is continued (`isTrusted`); what anybody sends in
 * an open network begins a trace of our own that names theirs as a link. What this peer does by itself is not recorded.
 */
export function traceHook(spans: Spans, isTrusted: boolean): TraceHook {
  return {
    current: () => {
      const trace = currentTrace();
      return trace && formatTraceparent(trace);
    },
    ask: (exchange, work) => (spans.isOn && currentTrace() ? inSpan(spans, spanOf(exchange, 'client'), work) : work()),
    serve: (exchange, traceparent, work) => {
      const theirs = parseTraceparent(traceparent);
      if (!theirs) return work();
      const origin = isTrusted ? { parent: theirs } : { link: theirs };
      return inSpan(spans, spanOf(exchange, 'server'), work, origin);
    },
  };
}

/** Counts what goes to other peers and comes from them. */
export function trafficTap(metrics: Metrics): FrameTap {
  const bytes = metrics.counter('souk_p2p_bytes_total');
  const refused = metrics.counter('souk_p2p_streams_refused_total');
  const spread = metrics.histogram('souk_gossip_seconds');
  return {
    heard: (afterMs) => spread.observe({}, afterMs / 1000),
    refused: (protocol, code) => refused.add({ protocol, code }),
    sent: (protocol, amount) => bytes.add({ protocol, direction: 'out' }, amount),
    received: (protocol, amount) => bytes.add({ protocol, direction: 'in' }, amount),
  };
}
