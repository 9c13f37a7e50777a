import type { Metric } from './metric.ts';

const gauge = (unit: Metric['unit'], help: string) => ({ type: 'gauge', unit, help, labels: {}, services: 'all' }) as const;
const seconds = (help: string) => ({ type: 'counter', unit: 'seconds', help, labels: {}, services: 'all' }) as const;
const grouped = <const Labels extends Metric['labels']>(unit: Metric['unit'], help: string, labels: Labels) => ({ type: 'gauge', unit, help, labels, services: 'all' }) as const;

const space = { space: 'a space of the heap of V8' };

/** What prom-client shows of each Node process, by its own names. Memory per peer and the delay of the event loop are read from these. */
export const processMetrics = {
  process_cpu_user_seconds_total: seconds('Processor time spent in user mode.'),
  process_cpu_system_seconds_total: seconds('Processor time spent in the kernel.'),
  process_cpu_seconds_total: seconds('Processor time spent.'),
  process_start_time_seconds: gauge('seconds', 'When the process started, in seconds since 1970.'),
  process_resident_memory_bytes: gauge('bytes', 'Resident memory.'),
  process_virtual_memory_bytes: gauge('bytes', 'Virtual memory.'),
  process_heap_bytes: gauge('bytes', 'Size of the data segment.'),
  process_open_fds: gauge('one', 'Open file descriptors.'),
  process_max_fds: gauge('one', 'Most file descriptors that may be open.'),
  nodejs_eventloop_lag_seconds: gauge('seconds', 'How long the event loop took to come round when this was asked for.'),
  nodejs_eventloop_lag_min_seconds: gauge('seconds', 'Least delay of the event loop since this was asked for last.'),
  nodejs_eventloop_lag_max_seconds: gauge('seconds', 'Greatest delay of the event loop since this was asked for last.'),
  nodejs_eventloop_lag_mean_seconds: gauge('seconds', 'Mean delay of the event loop since this was asked for last.'),
  nodejs_eventloop_lag_stddev_seconds: gauge('seconds', 'Standard deviation of the delay of the event loop.'),
  nodejs_eventloop_lag_p50_seconds: gauge('seconds', 'Median delay of the event loop since this was asked for last.'),
  nodejs_eventloop_lag_p90_seconds: gauge('seconds', '90th percentile of the delay of the event loop since this was asked for last.'),
  nodejs_eventloop_lag_p99_seconds: gauge('seconds', '99th percentile of the delay of the event loop since this was asked for last.'),
  nodejs_active_resources: grouped('one', 'What keeps the event loop alive, by type.', { type: 'a type of resource of Node' }),
  nodejs_active_resources_total: gauge('one', 'What keeps the event loop alive.'),
  nodejs_active_handles: grouped('one', 'Open handles, by type.', { type: 'a class of Node' }),
  nodejs_active_handles_total: gauge('one', 'Open handles.'),
  nodejs_active_requests: grouped('one', 'Requests to the kernel that are under way, by type.', { type: 'a class of Node' }),
  nodejs_active_requests_total: gauge('one', 'Requests to the kernel that are under way.'),
  nodejs_heap_size_total_bytes: gauge('bytes', 'Size of the heap.'),
  nodejs_heap_size_used_bytes: gauge('bytes', 'What of the heap is used.'),
  nodejs_external_memory_bytes: gauge('bytes', 'Memory outside of the heap that its objects hold.'),
  nodejs_heap_space_size_total_bytes: grouped('bytes', 'Size of each space of the heap.', space),
  nodejs_heap_space_size_used_bytes: grouped('bytes', 'What is used of each space of the heap.', space),
  nodejs_heap_space_size_available_bytes: grouped('bytes', 'What is free of each space of the heap.', space),
  nodejs_version_info: grouped('one', 'The version of Node.', { version: 'as `node --version` says', major: 'its first number', minor: 'its second', patch: 'its third' }),
  nodejs_gc_duration_seconds: { type: 'histogram', unit: 'seconds', help: 'Time that garbage collections took, by kind.', labels: { kind: '`major`, `minor`, `incremental` or `weakcb`' }, services: 'all', buckets: [0.001, 0.01, 0.1, 1, 2, 5] },
} as const satisfies Readonly<Record<string, Metric>>;
