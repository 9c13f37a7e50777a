/** How the figure of an objective is taken from metrics. Selectors are what stands between braces: `route="/v1/search",status!~"5.."`. */
export type Measure =
  /** A quantile of a histogram of seconds. */
  | { readonly kind: 'latency'; readonly histogram: string; readonly selector?: string; readonly quantile: number }
  /** The share of some events among all of them. */
  | { readonly kind: 'ratio'; readonly good: Series; readonly all: Series }
  /** The largest or smallest value of a gauge of all processes. */
  | { readonly kind: 'gauge'; readonly of: Series; readonly worst: 'max' | 'min' };

/** Some series of one metric. */
export interface Series {
  readonly metric: string;
  readonly selector?: string;
}

/** A step of a load test: what `k6/` times, each under this name. */
export type Journey = 'search' | 'info' | 'publish' | 'install';

/** What one alert says, beside its expression. */
export interface AlertText {
  /** In CamelCase; also the anchor in docs/operations.md. */
  readonly name: string;
  readonly severity: 'page' | 'ticket';
  /** One line, about one site. */
  readonly summary: string;
  /** What it means for those who use the site. */
  readonly meaning: string;
}

/** A figure, what it should be, and from where on somebody is told. */
export interface Objective {
  /** In kebab-case. */
  readonly id: string;
  readonly title: string;
  readonly unit: 's' | 'ratio' | 'bytes';
  /** Which side is good. */
  readonly better: 'less' | 'more';
  /** In the unit; the figure promised. */
  readonly target: number;
  /** In the unit; an alert fires when it is worse than this for ten minutes. */
  readonly alertAt?: number;
  readonly measure: Measure;
  /** Souk's own, stricter goal, in words; docs/performance.md tells what was measured. */
  readonly goal?: string;
  /** The step of a load test that this bounds, if there is one. */
  readonly journey?: Journey;
  readonly alert?: AlertText;
}
