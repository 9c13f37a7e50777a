import { buckets } from './buckets.ts';
import type { Metric } from './metric.ts';

const method = 'GET, PUT, POST or DELETE';
const route = 'the route, as it is in the OpenAPI document with `:name` for what varies; `none` for an unknown path';
const contract = 'the subject of the contract, with `{ordinal}` for the peer that it names';
const service = 'which service of the process';
const side = '`client` or `server`';

/** What each service shows, and those of them that keep nothing. */
export const serviceMetrics = {
  souk_ready: { type: 'gauge', unit: 'one', help: 'Whether this service does its work: 1, or 0 while a condition of /readyz is unmet.', labels: { service }, services: 'all' },
  souk_http_total: { type: 'counter', unit: 'one', help: 'HTTP requests, by outcome.', labels: { method, route, status: 'the HTTP status' }, services: 'all' },
  souk_http_seconds: { type: 'histogram', unit: 'seconds', help: 'Time from the request to the end of its answer.', labels: { method, route }, services: 'all', buckets: buckets.answer },
  souk_http_errors_total: { type: 'counter', unit: 'one', help: 'HTTP requests that were answered with an error, by its code.', labels: { route, code: 'a code of the error table; INTERNAL is a bug' }, services: 'all' },
  souk_rpc_total: { type: 'counter', unit: 'one', help: 'Calls between services, by outcome.', labels: { side, contract, code: 'OK or a code of the error table' }, services: 'all' },
  souk_rpc_seconds: { type: 'histogram', unit: 'seconds', help: 'Time from the request to the last answer.', labels: { side, contract }, services: 'all', buckets: buckets.answer },
  souk_rpc_waiting: { type: 'gauge', unit: 'one', help: 'Calls of other services that wait for their answers.', labels: { service }, services: 'all' },
  souk_messages_dropped_total: { type: 'counter', unit: 'one', help: 'Messages that were dropped because their receiver is too slow.', labels: { subject: 'the subject' }, services: 'all' },
  souk_spans_dropped_total: { type: 'counter', unit: 'one', help: 'Spans of traces that were recorded and could not be sent to the collector.', labels: {}, services: 'all' },
  souk_index_load_seconds: { type: 'gauge', unit: 'seconds', help: 'Time from the start until the search index held the whole catalogue; not a number before.', labels: {}, services: ['search'] },
  souk_index_packages: { type: 'gauge', unit: 'one', help: 'Packages in the search index.', labels: {}, services: ['search'] },
  souk_install_seconds: { type: 'histogram', unit: 'seconds', help: 'Time from the request of an install until the site holds all that it needs.', labels: { code: 'OK or a code of the error table' }, services: ['install'], buckets: buckets.transfer },
} as const satisfies Readonly<Record<string, Metric>>;
