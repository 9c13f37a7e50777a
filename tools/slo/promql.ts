import type { Series } from './objective.ts';

/** What tells sites apart in one Prometheus: the namespace of their pods. Where there is none, all series are one site's. */
export const siteLabel = 'namespace';

/** A selector of series: `name{a="b"}`. */
export const selectorOf = ({ metric, selector }: Series): string => (selector === undefined ? metric : `${metric}{${selector}}`);

/** The sum of the rates of counters over a window, by site and more labels. */
export const rateOf = (series: Series, window: string, ...by: readonly string[]): string => `sum by (${[siteLabel, ...by].join(', ')}) (rate(${selectorOf(series)}[${window}]))`;

/** A quantile of a histogram over a window, by site. */
export function quantileOf({ metric, selector }: Series, quantile: number, window: string): string {
  return `histogram_quantile(${quantile}, ${rateOf({ metric: `${metric}_bucket`, ...(selector === undefined ? {} : { selector }) }, window, 'le')})`;
}

/** The share of what took longer than a bound of a histogram, over a window. */
export function slowerThan({ metric, selector = '' }: Series, seconds: number, window: string): string {
  const within = rateOf({ metric: `${metric}_bucket`, selector: [selector, `le="${seconds}"`].filter(Boolean).join(',') }, window);
  return `1 - ${within} / ${rateOf({ metric: `${metric}_count`, selector }, window)}`;
}

/**
 * Whether a counter grew within a window. A counter with labels is not there before it counts for the first time, and what is not there
 * grows by nothing: so one that was not there before counts, too.
 */
export function grew(series: Series, window: string): string {
  const one = selectorOf(series);
  return `sum by (${siteLabel}) (increase(${one}[${window}])) > 0 or sum by (${siteLabel}) (${one} unless ${one} offset ${window}) > 0`;
}
