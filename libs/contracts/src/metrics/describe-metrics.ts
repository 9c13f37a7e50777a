import { metric, metricTable, type MetricName } from './metric-table.ts';

/** The table of metrics as Markdown, one row each; those that every Node process has are in `docs/telemetry.md` by their beginnings. */
export function describeMetrics(): string {
  const names = (Object.keys(metricTable) as MetricName[]).filter((name) => name.startsWith('souk_'));
  return ['| metric | type | labels | of | what it says |', '|---|---|---|---|---|', ...names.map(row)].join('\n');
}

function row(name: MetricName): string {
  const { type, labels, services, help } = metric(name);
  const shown = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${values}`);
  return `| \`${name}\` | ${type} | ${shown.join('; ')} | ${services === 'all' ? 'all' : services.join(', ')} | ${help} |`;
}
