import { metricTable, type Metric } from '@souk/contracts';
import { expressionNames } from './expression-names.ts';

/** Labels that Prometheus adds when it scrapes. */
const scraped = ['namespace', 'instance', 'job', 'pod'];
const table: Readonly<Record<string, Metric>> = metricTable;

interface Row {
  readonly labels: readonly string[];
  readonly bounds?: readonly number[];
}

/** The row of a series: a histogram has three. */
function rowOf(series: string): Row | undefined {
  const [, base = series, part] = /^(.+?)(?:_(bucket|sum|count))?$/.exec(series) ?? [];
  const exact = table[series];
  const histogram = part === undefined ? undefined : table[base];
  if (exact !== undefined && exact.type !== 'histogram') return { labels: Object.keys(exact.labels) };
  if (histogram?.type !== 'histogram') return undefined;
  return { labels: [...Object.keys(histogram.labels), ...(part === 'bucket' ? ['le'] : [])], ...(part === 'bucket' ? { bounds: histogram.buckets ?? [] } : {}) };
}

/**
 * What an expression names that nothing shows: metrics that are not in the table of metrics nor recorded, labels that a metric does not have,
 * bounds that a histogram does not count by.
 */
export function unknownNames(expression: string, recorded: ReadonlySet<string>): string[] {
  const { metrics, grouping } = expressionNames(expression);
  const known = new Set(scraped);
  const problems = metrics.flatMap(({ name, labels }): string[] => {
    if (recorded.has(name)) return labels.filter((label) => !scraped.includes(label)).map((label) => `${name} has no label ${label}`);
    const row = rowOf(name);
    if (row === undefined) return [`no metric ${name}`];
    for (const label of row.labels) known.add(label);
    return labels.filter((label) => !row.labels.includes(label) && !scraped.includes(label)).map((label) => `${name} has no label ${label}`);
  });
  const bounds = [...expression.matchAll(/(\w+)_bucket\{[^}]*le="([^"]+)"/g)].filter(([, name = '', bound]) => !(table[name]?.buckets ?? []).includes(Number(bound))).map(([, name, bound]) => `${name} is not counted by ${bound}`);
  return [...problems, ...bounds, ...grouping.filter((label) => !known.has(label)).map((label) => `nothing has the label ${label}`)];
}
