import { continueTrace, currentTrace, traceparentOf, withinTrace, type Metrics } from '@souk/nest';
import type { FrameTap, LookupTap, TraceHook } from '@souk/p2p';

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
  const bytes = metrics.counter('souk_p2p_bytes_total', 'Bytes exchanged with other peers, by protocol.', ['protocol', 'direction']);
  return {
    sent: (protocol, amount) => bytes.add({ protocol, direction: 'out' }, amount),
    received: (protocol, amount) => bytes.add({ protocol, direction: 'in' }, amount),
  };
}

/** Counts which tier of a lookup knew, and how answers of super-peers turned out. */
export function lookupTap(metrics: Metrics): LookupTap {
  const tiers = metrics.counter('souk_lookup_tier_total', 'Tiers asked for who has a blob, and whether they knew.', ['tier', 'result']);
  const answers = metrics.counter('souk_super_answers_total', 'Answers of super-peers, and how they turned out.', ['peer', 'verdict']);
  return {
    asked: (tier, hit) => tiers.add({ tier, result: hit ? 'hit' : 'miss' }),
    judged: (peer, verdict) => answers.add({ peer, verdict }),
  };
}
