import type { Metrics } from '../metrics/metrics.ts';

/** Notes the outcome of one call: `OK` or an error code. */
export type NoteCall = (contract: string, code: string, startedAt: number) => void;

/** Counts and times calls as one side sees them. */
export function callMetrics(metrics: Metrics, side: 'client' | 'server'): NoteCall {
  const total = metrics.counter('souk_rpc_total');
  const seconds = metrics.histogram('souk_rpc_seconds');
  return (contract, code, startedAt) => {
    total.add({ side, contract, code });
    seconds.observe({ side, contract }, (performance.now() - startedAt) / 1000);
  };
}

/** Counts events that nobody could take in. */
export function droppedEvents(metrics: Metrics): (subject: string) => void {
  const total = metrics.counter('souk_messages_dropped_total');
  return (subject) => total.add({ subject });
}
