import { continueTrace, currentTrace, traceparentOf, withinTrace, type Metrics } from '@souk/nest';
import type { FrameTap, TraceHook } from '@souk/p2p';

/** Carries the site's traces to other peers and theirs into our answers. */
export const traceHook: TraceHook = {
  current: () => {
    const trace = currentTrace();
    return trace && traceparentOf(trace);
  },
  run: (traceparent, work) => {
    const trace = continueTrace(traceparent);
    return trace ? withinTrace(trace, work) : work();
  },
};

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
