/** Some series of one metric; the selector is what stands between braces: `tier="hot",result="hit"`. */
export interface Series {
  readonly metric: string;
  readonly selector?: string;
}

/** How the figure of an objective is taken. */
export type Measure =
  /** A quantile of a histogram of seconds. */
  | { readonly kind: 'latency'; readonly of: Series; readonly quantile: number }
  /** The share of some events among all of them; with fewer than `least` of all in ten minutes it says nothing. */
  | { readonly kind: 'ratio'; readonly good: Series; readonly all: Series; readonly least: number }
  /** The largest value of a gauge among all processes; `recently` counts those only that started within the hour. */
  | { readonly kind: 'gauge'; readonly of: Series; readonly recently?: true }
  /** One gauge shared by another of the same process, over all processes that have both. */
  | { readonly kind: 'share'; readonly of: Series; readonly by: Series }
  /** Nothing that a running site tells, nor a benchmark so far. */
  | { readonly kind: 'none' };

/** A step of a load test: what `k6/` times, each under this name. */
export type Journey = 'search' | 'info' | 'publish' | 'install';

/** Who is told: `page` wakes somebody, `ticket` waits for the next working day. */
export type Severity = 'page' | 'ticket';

/** What one alert says, beside its expression. docs/operations.md has a section of its name. */
export interface AlertText {
  /** In CamelCase, beginning with Souk. */
  readonly name: string;
  readonly severity: Severity;
  /** One line. */
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
  /** Which side of the target is good. */
  readonly better: 'less' | 'more';
  /** In the unit. */
  readonly target: number;
  /** In the unit; an alert fires when the figure is worse than this for ten minutes. */
  readonly alertAt?: number;
  readonly alert?: AlertText;
  readonly measure: Measure;
  /** Souk's own, stricter goal, in words. */
  readonly goal?: string;
  /** The step of a load test that the target bounds. */
  readonly journey?: Journey;
}

/** A promise about a share of events over a month, watched by how fast its budget burns. */
export interface BudgetObjective {
  readonly id: string;
  readonly title: string;
  /** Share of good events, as 0.999. */
  readonly objective: number;
  /** PromQL of the share of bad events over a window, `5m` to `3d`, by namespace. */
  badShare(window: string): string;
  readonly alert: Omit<AlertText, 'severity'>;
}

/** An alert about something that has no target: it should not be. */
export interface PlainAlert extends AlertText {
  /** PromQL that has a value where it is so. */
  readonly expression: string;
  /** How long it has to be so before somebody is told; at once unless given. */
  readonly for?: string;
}
