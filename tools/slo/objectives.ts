import type { Objective } from './objective.ts';

/** What Souk promises, what it alerts on, and what it wants for itself: the one place. Rules, dashboard, thresholds of load tests and docs/slo.md are written from it. */
export const objectives: readonly Objective[] = [
  {
    id: 'search-latency',
    title: 'Search latency, p95',
    unit: 's',
    better: 'less',
    target: 0.1,
    alertAt: 0.15,
    measure: { kind: 'latency', histogram: 'souk_http_seconds', selector: 'route="/v1/search"', quantile: 0.95 },
    journey: 'search',
  },
  { id: 'info-latency', title: 'Latency of a package page, p95', unit: 's', better: 'less', target: 0.1, measure: { kind: 'latency', histogram: 'souk_http_seconds', selector: 'route="/v1/packages/:name"', quantile: 0.95 }, journey: 'info' },
  { id: 'publish-latency', title: 'Publish, p95', unit: 's', better: 'less', target: 0.5, measure: { kind: 'latency', histogram: 'souk_http_seconds', selector: 'route="/v1/records"', quantile: 0.95 }, journey: 'publish' },
  { id: 'install-latency', title: 'Install latency, p95', unit: 's', better: 'less', target: 2, alertAt: 3, measure: { kind: 'latency', histogram: 'souk_http_seconds', selector: 'route="/v1/installs"', quantile: 0.95 }, journey: 'install' },
];

/** Share of requests that are answered without a fault of the site, over the window in days. */
export const availability = { objective: 0.999, windowDays: 30 } as const;
