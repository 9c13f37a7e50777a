import type { Metric } from './metric.ts';
import { peerMetrics } from './peer-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { serviceMetrics } from './service-metrics.ts';

/**
 * Every metric of Souk: no service can register another one, and each of these is shown by the services that it names (a spec of apps/site
 * compares both). Dashboards, alerts and docs/telemetry.md are made from it.
 */
export const metricTable = { ...serviceMetrics, ...peerMetrics, ...processMetrics } as const;

/** A name in the table. */
export type MetricName = keyof typeof metricTable;
/** Names of those that services register themselves, of one type. */
export type MetricNameOf<Type extends Metric['type']> = { [Name in Exclude<MetricName, keyof typeof processMetrics>]: (typeof metricTable)[Name]['type'] extends Type ? Name : never }[Exclude<MetricName, keyof typeof processMetrics>];
/** The labels of a metric, by name. */
export type MetricLabels<Name extends MetricName> = Readonly<Record<keyof (typeof metricTable)[Name]['labels'], string>>;

/** The row of a metric, without its particulars. */
export const metric = (name: MetricName): Metric => metricTable[name];
