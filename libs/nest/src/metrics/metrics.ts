import { metric, type MetricLabels, type MetricName, type MetricNameOf } from '@souk/contracts';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Counts things. */
export interface CounterMetric<Name extends MetricName = MetricName> {
  add(labels: MetricLabels<Name>, amount?: number): void;
}

/** Collects a distribution. */
export interface HistogramMetric<Name extends MetricName = MetricName> {
  observe(labels: MetricLabels<Name>, value: number): void;
}

/**
 * The numbers of one process in Prometheus' text format: those of the table of metrics, and no others. Asking for a name again gives the
 * metric that exists, so that several services of one process share one registry.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #metrics = new Map<string, unknown>();

  /** A counter of the table. */
  counter<Name extends MetricNameOf<'counter'>>(name: Name): CounterMetric<Name> {
    return this.#once(name, 'counter', (help, labelNames) => {
      const counter = new Counter({ name, help, labelNames, registers: [this.#registry] });
      return { add: (labels: MetricLabels<Name>, amount = 1) => counter.inc(labels, amount) };
    });
  }

  /** A histogram of the table. */
  histogram<Name extends MetricNameOf<'histogram'>>(name: Name): HistogramMetric<Name> {
    return this.#once(name, 'histogram', (help, labelNames) => {
      const histogram = new Histogram({ name, help, labelNames, buckets: [...(metric(name).buckets ?? [])], registers: [this.#registry] });
      return { observe: (labels: MetricLabels<Name>, value: number) => histogram.observe(labels, value) };
    });
  }

  /** A gauge of the table, which is read when somebody asks for the metrics; the first reader of a name and labels stays. */
  gauge<Name extends MetricNameOf<'gauge'>>(name: Name, labels: MetricLabels<Name>, read: () => number): void {
    const readers = this.#once(name, 'gauge', (help, labelNames) => {
      const all = new Map<string, () => void>();
      const gauge: Gauge = new Gauge({ name, help, labelNames, registers: [this.#registry], collect: () => all.forEach((show) => show()) });
      return { all, set: (values: Readonly<Record<string, string>>, value: number) => gauge.set(values, value) };
    });
    const key = JSON.stringify(labels);
    if (!readers.all.has(key)) readers.all.set(key, () => readers.set(labels, read()));
  }

  /** Adds memory, CPU, file handles, garbage collection and event-loop delay of this process. Call once per process. */
  watchProcess(): this {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 10 });
    return this;
  }

  /** All metrics as text, and its content type. */
  async text(): Promise<{ body: string; contentType: string }> {
    return { body: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }

  #once<Made>(name: MetricName, type: string, make: (help: string, labels: string[]) => Made): Made {
    const known = this.#metrics.get(name) as Made | undefined;
    if (known !== undefined) return known;
    const row = metric(name);
    if (row?.type !== type) throw new Error(`There is no ${type} ${name} in the table of metrics (libs/contracts/src/metrics).`);
    const made = make(row.help, Object.keys(row.labels));
    this.#metrics.set(name, made);
    return made;
  }
}

/** An empty registry with the numbers of this process in it. */
export function createMetrics(): Metrics {
  return new Metrics().watchProcess();
}
