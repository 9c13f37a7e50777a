import type { Metrics } from '../metrics/metrics.ts';

/** Notes the outcome of one call: `OK` or an error code. */
export type NoteCall = (contract: string, code: string, startedAt: number) => void;

/** Counts and times calls as one side sees them. */
export function callMetrics(metrics: Metrics, side: 'client' | 'server'): NoteCall {
  const total = metrics.counter('souk_rpc_total', 'Calls between services, by outcome.', ['side', 'contract', 'code']);
  const seconds = metrics.histogram('souk_rpc_seconds', 'Time from the request to the last answer.', ['side', 'contract']);
  return (contract, code, startedAt) => {
    total.add({ side, contract, code });
    seconds.observe({ side, contract }, (performance.now() - startedAt) / 1000);
  };
}

/** Counts events that nobody could take in. */
export function droppedEvents(metrics: Metrics): (subject: string) => void {
  const total = metrics.counter('souk_messages_dropped_total', 'Messages that were dropped because their receiver is too slow.', ['subject']);
  return (subject) => total.add({ subject });
}
