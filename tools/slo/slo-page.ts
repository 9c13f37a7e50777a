import type { Objective } from './objective.ts';
import { budgetObjectives, objectives } from './objectives.ts';
import { loadGoals } from './load-goals.ts';
import { plainAlerts } from './plain-alerts.ts';
import { anchorOf, burnRates, figureName } from './rule-file.ts';

function quantity(value: number, unit: Objective['unit']): string {
  if (unit === 'ratio') return `${value * 100} %`;
  if (unit === 'bytes') return `${value / 2 ** 20} MiB`;
  return value < 1 ? `${Number((value * 1000).toPrecision(6))} ms` : `${value} s`;
}

const row = (...cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly string[]): string => [row(...head), row(...head.map(() => '---')), ...rows].join('\n');
const linked = (name: string): string => `[${name}](operations.md#${anchorOf(name)})`;

function objectiveRow(objective: Objective): string {
  const { title, unit, better, target, alertAt, alert, measure, goal = '' } = objective;
  const [good, bad] = better === 'less' ? ['<', '>'] : ['>', '<'];
  const where = measure.kind === 'none' ? 'not measured yet' : `\`${figureName(objective)}\``;
  return row(title, `${good} ${quantity(target, unit)}`, alertAt === undefined ? '' : `${bad} ${quantity(alertAt, unit)}`, alert === undefined ? '' : linked(alert.name), goal, where);
}

/** docs/slo.md. */
export function sloPage(): string {
  return `# Service-level objectives

Written by \`npm run slo\` from \`tools/slo/objectives.ts\`, the one place where a target is changed. From it come also the rules of Prometheus
(\`helm/souk/files/slo-rules.yaml\`), the Grafana dashboard (\`helm/souk/files/dashboard.json\`) and the thresholds of load tests (\`k6/\`).

## Figures

${table(['figure', 'target', 'alert', 'name', "Souk's own goal", 'measured as'], objectives.map(objectiveRow))}

An alert fires when the figure has been worse than its bound for ten minutes. Figures are by namespace, so that one Prometheus may watch several sites.
What was measured of Souk's own goals is in [performance.md](performance.md).

## Budgets

${table(['promise, over 30 days', 'objective', 'alert'], budgetObjectives.map(({ title, objective, alert }) => row(title, quantity(objective, 'ratio'), linked(alert.name))))}

An alert of a budget fires while the budget burns too fast over a long window and over a short one:

${table(['burns', 'over', 'and over', 'tells'], burnRates.map(({ burn, long, short, severity }) => row(`${burn} times too fast`, long, short, severity)))}

## Other alerts

${table(['alert', 'tells', 'when'], plainAlerts.map(({ name, severity, summary }) => row(linked(name), severity, summary.replaceAll(/\{\{ \$(?:labels\.)?(\w+) \}\}/g, '*$1*'))))}

## Under load

\`npm run load\` holds every journey to its target: search, a package's page, publish and install by their p95, all by availability. Goals for a quiet machine with two cores, k6 on it too,
6,000 distinct queries, nothing cached between gateway and index:

${table(['packages', 'searches per second', 'p95'], loadGoals.map(({ fromPackages, searchesPerSecond, p95Ms }) => row(fromPackages === 0 ? 'up to 9,999' : `${fromPackages.toLocaleString('en-US')} and more`, `>= ${searchesPerSecond}`, `<= ${p95Ms} ms`)))}
`;
}
