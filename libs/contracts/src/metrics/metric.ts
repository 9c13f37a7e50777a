/** What a metric may be, in Prometheus' words. */
export type MetricType = 'counter' | 'gauge' | 'histogram';

/** Who shows a metric; `all` is each of them. */
export type MetricService = 'gateway' | 'search' | 'install' | 'reputation' | 'peer';

/** One row of the table of metrics. Its key is the name that Prometheus reads. */
export interface Metric {
  readonly type: MetricType;
  /** What one is: seconds and bytes are part of the name; everything else is counted. */
  readonly unit: 'seconds' | 'bytes' | 'one';
  /** One sentence, shown to whoever reads `/metrics`. */
  readonly help: string;
  /** Label names, and what their values are. Each has few values: never a cid, a name of a package, an address. */
  readonly labels: Readonly<Record<string, string>>;
  readonly services: 'all' | readonly MetricService[];
  /** Upper bounds of a histogram, rising. */
  readonly buckets?: readonly number[];
}
