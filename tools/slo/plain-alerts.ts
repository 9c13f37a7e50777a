import type { PlainAlert } from './objective.ts';
import { grew, siteLabel } from './promql.ts';

/** What should not be, whatever the figures: each by a metric that says so. */
export const plainAlerts: readonly PlainAlert[] = [
  {
    name: 'SoukNotReady', severity: 'page', for: '5m', expression: 'souk_ready == 0',
    summary: '{{ $labels.service }} has not been ready for five minutes', meaning: 'The service does not do its work; /readyz of its pod names the condition that it waits for.',
  },
  {
    name: 'SoukInternalErrors', severity: 'ticket', expression: grew({ metric: 'souk_http_errors_total', selector: 'code="INTERNAL"' }, '10m'),
    summary: 'A request was answered with INTERNAL', meaning: 'Something happened that the code does not know: a bug. The log has its stack, under the trace id that the caller was shown.',
  },
  {
    name: 'SoukStorageFull', severity: 'page', expression: grew({ metric: 'souk_http_errors_total', selector: 'code="STORAGE_FULL"' }, '10m'),
    summary: 'A peer refuses writes because its disk is nearly full', meaning: 'Publishing and fetching what is not held fail; reading what is held goes on.',
  },
  {
    name: 'SoukBlobsDamaged', severity: 'ticket', expression: grew({ metric: 'souk_blobs_damaged_total' }, '1h'),
    summary: 'A blob on disk was damaged', meaning: 'Bytes on the disk changed. What was read was refused and is fetched from other peers; the disk may be failing.',
  },
  {
    name: 'SoukCopiesMissing', severity: 'ticket', for: '30m', expression: `max by (${siteLabel}) (souk_blobs_below_copies) > 0`,
    summary: '{{ $value }} published blobs have lacked a copy for half an hour', meaning: 'Another lost disk could lose them; they are served as always.',
  },
  {
    name: 'SoukReplicaSilent', severity: 'ticket', for: '10m', expression: `max by (${siteLabel}) (souk_replicas_silent) > 0`,
    summary: '{{ $value }} replicas of the primary do not answer', meaning: 'Publishing needs copies: with too few replicas it answers UNAVAILABLE.',
  },
  {
    name: 'SoukSyncLag', severity: 'ticket', for: '10m', expression: `max by (${siteLabel}) (souk_sync_lag_seconds) > 300`,
    summary: 'A peer has lacked records that a linked peer has for more than five minutes', meaning: 'What others published is not found here yet.',
  },
  {
    name: 'SoukStale', severity: 'ticket', for: '10m', expression: `max by (${siteLabel}) (souk_stale) > 0`,
    summary: 'What this site holds may not be all there is', meaning: 'No two super-peers of the charter have vouched for what is held here for a day; answers say `stale`.',
  },
  {
    name: 'SoukSuperPeerLies', severity: 'ticket', expression: grew({ metric: 'souk_super_answers_total', selector: 'verdict=~"omitted|invented|frozen"' }, '1h'),
    summary: 'A super-peer gave an answer that does not hold', meaning: 'It leaves providers out, invents them or stands still. Nothing wrong is installed, because bytes and records prove themselves; lookups take longer.',
  },
  {
    name: 'SoukEventLoopLate', severity: 'ticket', for: '10m', expression: 'nodejs_eventloop_lag_p99_seconds > 0.2',
    summary: 'The event loop of {{ $labels.instance }} comes round late: p99 above 200 ms', meaning: 'Everything that this process does waits that long; it lacks processor time, or something blocks it.',
  },
  {
    name: 'SoukMemoryGrows', severity: 'ticket', for: '1h', expression: 'process_resident_memory_bytes > 2 * (process_resident_memory_bytes offset 1d) and process_resident_memory_bytes > 512 * 2 ^ 20',
    summary: '{{ $labels.instance }} has twice the memory of a day ago', meaning: 'Either much was published, or memory leaks; at the limit of its pod the process is killed and starts again.',
  },
  {
    name: 'SoukMessagesDropped', severity: 'ticket', expression: grew({ metric: 'souk_messages_dropped_total' }, '10m'),
    summary: 'Messages between services were dropped because their receiver is too slow', meaning: 'Callers get an error and ask again; what follows a log asks for what it lacks.',
  },
];
