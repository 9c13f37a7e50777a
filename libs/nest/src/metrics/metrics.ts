import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Counts things. */
export interface CounterMetric {
  add(labels: Readonly<Record<string, string>>, amount?: number): void;
}

/** Collects a distribution, of seconds unless the name says otherwise. */
export interface HistogramMetric {
  observe(labels: Readonly<Record<string, string>>, value: number): void;
}

const latencyBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * The numbers of one process in Prometheus' text format. Asking for a name again gives the metric that exists,
 * so that several services of one process share one registry.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, CounterMetric>();
  readonly #histograms = new Map<string, HistogramMetric>();
  readonly #gauges = new Set<string>();

  /** A counter; its name ends in `_total`. */
  counter(name: string, help: string, labels: readonly string[] = []): CounterMetric {
    const known = this.#counters.get(name);
    if (known) return known;
    const counter = new Counter({ name, help, labelNames: [...labels], registers: [this.#registry] });
    const metric: CounterMetric = { add: (values, amount = 1) => counter.inc(values, amount) };
    this.#counters.set(name, metric);
    return metric;
  }

  /** A histogram with buckets for latencies in seconds unless others are given. */
  histogram(name: string, help: string, labels: readonly string[] = [], buckets: readonly number[] = latencyBuckets): HistogramMetric {
    const known = this.#histograms.get(name);
    if (known) return known;
    const histogram = new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [this.#registry] });
    const metric: HistogramMetric = { observe: (values, value) => histogram.observe(values, value) };
    this.#histograms.set(name, metric);
    return metric;
  }

  /** A gauge that is read when somebody asks for the metrics; the first reader of a name stays. */
  gauge(name: string, help: string, read: () => number): void {
    if (this.#gauges.has(name)) return;
    this.#gauges.add(name);
    const gauge: Gauge = new Gauge({ name, help, registers: [this.#registry], collect: () => gauge.set(read()) });
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
}

/** An empty registry with the numbers of this process in it. */
export function createMetrics(): Metrics {
  return new Metrics().watchProcess();
}
