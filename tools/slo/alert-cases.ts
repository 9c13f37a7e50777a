/** Series that are put in, in the notation of promtool, and how long they go on. */
export interface Story {
  /** Series -> values, a step apart: `0+1x60` rises by one each step, sixty times. */
  readonly series: Readonly<Record<string, string>>;
  /** When the alert is looked for. */
  readonly at: string;
}

/** One alert: what makes it fire, and what is nearly that but does not. */
export interface AlertCase {
  readonly alert: string;
  readonly severity?: 'page' | 'ticket';
  /** How long a step is: a minute, unless the story is of days. */
  readonly step: '1m' | '10m';
  readonly fires: Story;
  readonly quiet: Story;
}

/** Counts of a histogram: of each hundred in a minute so many within each bound. */
function histogram(name: string, labels: string, within: Readonly<Record<string, number>>, count: number): Record<string, string> {
  const all = [...Object.entries(within), ['+Inf', 100] as const].map(([bound, share]) => [`${name}_bucket{${[labels, `le="${bound}"`].filter(Boolean).join(',')}}`, `0+${share}x${count}`]);
  return { ...Object.fromEntries(all), [`${name}_count{${labels}}`]: `0+100x${count}` };
}

/** Steps of `30m`, which are minutes, or of `30h`, which are of ten minutes: stories of hours are long ones. */
const steps = (time: string): number => Number.parseInt(time) * (time.endsWith('h') ? 6 : 1);
const story = (at: string, series: Readonly<Record<string, string>>): Story => ({ at, series });
const searches = (within100: number, within150: number, at: string): Story => story(at, histogram('souk_http_seconds', 'method="GET",route="/v1/search"', { 0.1: within100, 0.15: within150, 0.2: 100 }, steps(at)));
const requests = (failing: number, at: string): Story => story(at, {
  'souk_http_total{method="GET",route="/v1/search",status="200"}': `0+${1000 - failing}x${steps(at)}`,
  ...(failing > 0 ? { 'souk_http_total{method="GET",route="/v1/search",status="503"}': `0+${failing}x${steps(at)}` } : {}),
  // What is not the API's does not count: a pod that is not ready answers its probe with 503.
  'souk_http_total{method="GET",route="/readyz",status="503"}': `0+1000x${steps(at)}`,
});
const lookups = (hits: number, perMinute: number): Story => story('30m', {
  'souk_lookup_tier_total{tier="hot",result="hit"}': `0+${(hits / 2) * perMinute}x30`,
  'souk_lookup_tier_total{tier="hot",result="miss"}': `0+${(1 - hits / 2) * perMinute}x30`,
  'souk_lookup_tier_total{tier="warm",result="hit"}': `0+${(hits / 2) * perMinute}x30`,
});
const constant = (series: string, value: number | string, at = '30m'): Story => story(at, { [series]: `${value}x${steps(at)}` });
/** A counter that is not there at first, then counts once; and one that has counted once, long ago. */
const once = (alert: string, series: string, at = '20m', longAgo = '90m'): Omit<AlertCase, 'step'> => ({ alert, fires: story(at, { [series]: `_x${steps(at) - 3} 1x3` }), quiet: constant(series, 1, longAgo) });

const cases: readonly Omit<AlertCase, 'step'>[] = [
  { alert: 'SoukSearchSlow', fires: searches(50, 90, '30m'), quiet: searches(50, 96, '30m') },
  { alert: 'SoukLookupSlow', fires: story('30m', histogram('souk_lookup_seconds', 'tier="dht"', { 0.5: 50, 0.8: 90, 1: 100 }, 30)), quiet: story('30m', { ...histogram('souk_lookup_seconds', 'tier="dht"', { 0.5: 50, 0.8: 96, 1: 100 }, 30), ...histogram('souk_lookup_seconds', 'tier="none"', { 0.8: 0 }, 30) }) },
  { alert: 'SoukCacheHitsLow', fires: lookups(0.6, 100), quiet: lookups(0.8, 100) },
  { alert: 'SoukCacheHitsLow', fires: lookups(0.6, 100), quiet: lookups(0.2, 4) },
  { alert: 'SoukInstallSlow', fires: story('30m', histogram('souk_install_seconds', 'code="OK"', { 2: 50, 3: 90, 5: 100 }, 30)), quiet: story('30m', histogram('souk_install_seconds', 'code="OK"', { 2: 50, 3: 96, 5: 100 }, 30)) },
  { alert: 'SoukDiscoverySlow', fires: story('30m', { 'souk_discovery_seconds{instance="a"}': '6x30', 'process_start_time_seconds{instance="a"}': '0x30' }), quiet: story('90m', { 'souk_discovery_seconds{instance="a"}': '6x90', 'process_start_time_seconds{instance="a"}': '0x90' }) },
  { alert: 'SoukErrorsBurn', severity: 'page', fires: requests(20, '70m'), quiet: requests(5, '70m') },
  { alert: 'SoukErrorsBurn', severity: 'page', fires: requests(8, '8h'), quiet: requests(5, '8h') },
  { alert: 'SoukErrorsBurn', severity: 'ticket', fires: requests(4, '30h'), quiet: requests(0, '30h') },
  { alert: 'SoukErrorsBurn', severity: 'ticket', fires: requests(2, '80h'), quiet: requests(0.5, '80h') },
  { alert: 'SoukSlowSearchesBurn', severity: 'page', fires: searches(20, 100, '70m'), quiet: searches(80, 100, '70m') },
  { alert: 'SoukSlowSearchesBurn', severity: 'ticket', fires: searches(80, 100, '30h'), quiet: searches(97, 100, '30h') },
  { alert: 'SoukNotReady', fires: constant('souk_ready{service="search"}', 0, '10m'), quiet: story('10m', { 'souk_ready{service="search"}': '1x7 0x3' }) },
  once('SoukInternalErrors', 'souk_http_errors_total{route="/v1/search",code="INTERNAL"}'),
  once('SoukStorageFull', 'souk_http_errors_total{route="/v1/records",code="STORAGE_FULL"}'),
  once('SoukBlobsDamaged', 'souk_blobs_damaged_total', '20m', '90m'),
  once('SoukSuperPeerLies', 'souk_super_answers_total{peer="a",verdict="invented"}', '20m', '90m'),
  { alert: 'SoukSuperPeerLies', fires: story('20m', { 'souk_super_answers_total{peer="a",verdict="omitted"}': '1x10 2x10' }), quiet: story('20m', { 'souk_super_answers_total{peer="a",verdict="ok"}': '0+9x20' }) },
  once('SoukMessagesDropped', 'souk_messages_dropped_total{subject="souk.event.v1.head"}'),
  { alert: 'SoukCopiesMissing', fires: constant('souk_blobs_below_copies', 3, '60m'), quiet: story('60m', { souk_blobs_below_copies: '3x20 0x40' }) },
  { alert: 'SoukReplicaSilent', fires: constant('souk_replicas_silent', 1), quiet: constant('souk_replicas_silent', 0) },
  { alert: 'SoukSyncLag', fires: story('30m', { souk_sync_lag_seconds: '0+60x30' }), quiet: constant('souk_sync_lag_seconds', 200) },
  { alert: 'SoukStale', fires: constant('souk_stale', 1), quiet: constant('souk_stale', 0) },
  { alert: 'SoukEventLoopLate', fires: constant('nodejs_eventloop_lag_p99_seconds{instance="a"}', 0.3), quiet: constant('nodejs_eventloop_lag_p99_seconds{instance="a"}', 0.1) },
  { alert: 'SoukMemoryGrows', fires: story('30h', { 'process_resident_memory_bytes{instance="a"}': '4e8x120 1e9x60' }), quiet: story('30h', { 'process_resident_memory_bytes{instance="a"}': '1e8x120 3e8x60' }) },
];

/** Every alert with a story in which it fires and one in which it does not. promtool tells them in `npm run test:deploy`. */
export const alertCases: readonly AlertCase[] = cases.map((one) => ({ ...one, step: one.fires.at.endsWith('h') ? '10m' : '1m' }));
