import type { BudgetObjective, Objective } from './objective.ts';
import { rateOf, slowerThan } from './promql.ts';

const search = { metric: 'souk_http_seconds', selector: 'route="/v1/search"' };
const mib = 2 ** 20;

/** What a site promises of single figures: the one place. Rules, dashboard, thresholds of load tests and docs/slo.md are written from it. */
export const objectives: readonly Objective[] = [
  {
    id: 'search-latency', title: 'Search, p95', unit: 's', better: 'less', target: 0.1, alertAt: 0.15, journey: 'search',
    measure: { kind: 'latency', of: search, quantile: 0.95 },
    goal: '<= 1 ms in the service at 1,000 packages and <= 5 ms at 63,664; <= 10 ms through the gateway under load; >= 1,500 searches/s at p95 <= 20 ms, >= 300/s at 63,664',
    alert: { name: 'SoukSearchSlow', severity: 'page', summary: 'Searches are slow: p95 above 150 ms', meaning: 'One search of twenty takes longer than 150 ms.' },
  },
  {
    id: 'lookup-latency', title: 'Lookup of a blob over the network, p95', unit: 's', better: 'less', target: 0.5, alertAt: 0.8,
    measure: { kind: 'latency', of: { metric: 'souk_lookup_seconds', selector: 'tier=~"super|peers|dht"' }, quantile: 0.95 },
    goal: '<= 1.3 round trips through super-peers, at 10 to 10,000 peers; plain DHT <= 3 round trips + 50 ms',
    alert: { name: 'SoukLookupSlow', severity: 'ticket', summary: 'Lookups over the network are slow: p95 above 800 ms', meaning: 'Finding who has a blob that is not cached takes long; installs of what this site does not hold wait for it.' },
  },
  {
    id: 'cache-hit-rate', title: 'Lookups answered from a cache', unit: 'ratio', better: 'more', target: 0.8, alertAt: 0.7,
    measure: { kind: 'ratio', good: { metric: 'souk_lookup_tier_total', selector: 'tier=~"hot|warm",result="hit"' }, all: { metric: 'souk_lookup_tier_total', selector: 'tier="hot"' }, least: 100 },
    goal: '>= 90 % on the fixed trace of 100,000 cids, >= 95 % at 1,000 packages',
    alert: { name: 'SoukCacheHitsLow', severity: 'ticket', summary: 'Fewer than 70 % of lookups are answered from a cache', meaning: 'Lookups go to the network that a cache should have answered: installs are slower, and super-peers have more to do.' },
  },
  {
    id: 'install-latency', title: 'Install, p95', unit: 's', better: 'less', target: 2, alertAt: 3, journey: 'install',
    measure: { kind: 'latency', of: { metric: 'souk_install_seconds', selector: 'code="OK"' }, quantile: 0.95 },
    goal: '<= 150 ms for 20 packages on a LAN; at 50 ms round trip twice the time of the bytes',
    alert: { name: 'SoukInstallSlow', severity: 'page', summary: 'Installs are slow: p95 above 3 s', meaning: 'One install of twenty takes longer than 3 s until the site holds all that it needs.' },
  },
  {
    id: 'discovery', title: 'First link of a peer after its start', unit: 's', better: 'less', target: 2, alertAt: 5,
    measure: { kind: 'gauge', of: { metric: 'souk_discovery_seconds' }, recently: true },
    goal: 'first useful lookup <= 300 ms after the start on loopback',
    alert: { name: 'SoukDiscoverySlow', severity: 'ticket', summary: 'A peer that started within the hour took longer than 5 s to its first link', meaning: 'Until then the peer knew only what it holds itself.' },
  },
  { id: 'gossip', title: 'A record reaches a peer by gossip, p95', unit: 's', better: 'less', target: 3, measure: { kind: 'latency', of: { metric: 'souk_gossip_seconds' }, quantile: 0.95 }, goal: 'p50 <= 100 ms, p99 <= 430 ms to 1,000 peers' },
  { id: 'cached-lookup', title: 'Lookup that a cache answers, p99', unit: 's', better: 'less', target: 0.001, measure: { kind: 'latency', of: { metric: 'souk_lookup_seconds', selector: 'tier=~"hot|warm"' }, quantile: 0.99 }, goal: 'hot p99 <= 10 us, warm p99 <= 200 us' },
  { id: 'publish-latency', title: 'Publish, acknowledged on disk, p95', unit: 's', better: 'less', target: 0.5, journey: 'publish', measure: { kind: 'latency', of: { metric: 'souk_http_seconds', selector: 'method="POST",route="/v1/records"' }, quantile: 0.95 }, goal: '<= 30 ms; findable at every site <= 1 s' },
  { id: 'info-latency', title: 'A package or version, p95', unit: 's', better: 'less', target: 0.1, journey: 'info', measure: { kind: 'latency', of: { metric: 'souk_http_seconds', selector: 'route=~"/v1/packages/:name(/:version)?"' }, quantile: 0.95 }, goal: 'the target of search' },
  { id: 'memory-per-peer', title: 'Memory per peer', unit: 'bytes', better: 'less', target: 50 * mib, measure: { kind: 'share', of: { metric: 'process_resident_memory_bytes' }, by: { metric: 'souk_identities' } }, goal: '10,000 leaves and 16 super-peers <= 4.5 GiB in all; a process of one full peer <= 110 MiB' },
  { id: 'registry-load', title: 'Open a catalogue of 1,000 releases', unit: 's', better: 'less', target: 0.05, measure: { kind: 'none' }, goal: '100,000 releases <= 1 s' },
  { id: 'resolve', title: 'Resolve ten levels deep', unit: 's', better: 'less', target: 0.2, measure: { kind: 'none' }, goal: '<= 5 ms' },
  { id: 'parallel-searches', title: 'Ten searches at once', unit: 's', better: 'less', target: 0.2, measure: { kind: 'none' }, goal: '<= 20 ms' },
];

const api = 'route=~"/v1/.*"';

/** What a site promises of a month. */
export const budgetObjectives: readonly BudgetObjective[] = [
  {
    id: 'availability', title: 'Requests answered without a fault of the site', objective: 0.999,
    badShare: (window) => `(${rateOf({ metric: 'souk_http_total', selector: `${api},status=~"5.."` }, window)} or 0 * ${rateOf({ metric: 'souk_http_total', selector: api }, window)}) / ${rateOf({ metric: 'souk_http_total', selector: api }, window)}`,
    alert: { name: 'SoukErrorsBurn', summary: 'Faults use up the monthly budget of 0.1 %', meaning: 'Requests are answered with 5xx: publishing, searching or installing fails for somebody.' },
  },
  {
    id: 'search-speed', title: 'Searches answered within 100 ms', objective: 0.95,
    badShare: (window) => slowerThan(search, 0.1, window),
    alert: { name: 'SoukSlowSearchesBurn', summary: 'Slow searches use up the monthly budget of 5 %', meaning: 'More searches than promised take longer than 100 ms.' },
  },
];

/** The promise of availability that load tests hold a site to. */
export const availability = budgetObjectives[0] as BudgetObjective;
