import { stringify } from 'yaml';
import type { AlertText, BudgetObjective, Objective, Severity } from './objective.ts';
import { budgetObjectives, objectives } from './objectives.ts';
import { plainAlerts } from './plain-alerts.ts';
import { quantileOf, rateOf, selectorOf, siteLabel } from './promql.ts';

/** One rule of Prometheus. */
export type Rule =
  | { readonly record: string; readonly expr: string }
  | { readonly alert: string; readonly expr: string; readonly for?: string; readonly labels: { readonly severity: Severity }; readonly annotations: Readonly<Record<string, string>> };

/** Rules that are evaluated one after the other. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** How long a figure has to be worse than its alert before somebody is told. */
const patience = '10m';
/** Over what time figures of objectives are taken. */
const figureWindow = '5m';
const ratioWindow = '10m';

/**
 * Windows of budgets, as in the SRE Workbook, chapter 5: an alert fires while the budget burns so many times too fast over the long and over
 * the short window; the short one ends it soon after the trouble.
 */
export const burnRates = [
  { severity: 'page', burn: 14.4, long: '1h', short: '5m' },
  { severity: 'page', burn: 6, long: '6h', short: '30m' },
  { severity: 'ticket', burn: 3, long: '1d', short: '2h' },
  { severity: 'ticket', burn: 1, long: '3d', short: '6h' },
] as const satisfies readonly { severity: Severity; burn: number; long: string; short: string }[];

const snake = (id: string): string => id.replaceAll('-', '_');

/** The recorded name of an objective's figure. */
export const figureName = ({ id }: Pick<Objective, 'id'>): string => `souk:${snake(id)}`;
/** The recorded name of a budget's share of bad events over a window. */
export const badShareName = ({ id }: Pick<BudgetObjective, 'id'>, window: string): string => `souk:${snake(id)}:bad_share_${window}`;

/** PromQL of an objective's figure, by site; undefined for what a site does not tell. */
export function figureOf({ measure }: Objective): string | undefined {
  switch (measure.kind) {
    case 'latency':
      return quantileOf(measure.of, measure.quantile, figureWindow);
    case 'ratio': {
      const all = rateOf(measure.all, ratioWindow);
      return `${rateOf(measure.good, ratioWindow)} / ${all} and ${all} * 600 >= ${measure.least}`;
    }
    case 'gauge':
      return `max by (${siteLabel}) (${selectorOf(measure.of)}${measure.recently ? ' and on (instance) (time() - process_start_time_seconds < 3600)' : ''})`;
    case 'share':
      return `sum by (${siteLabel}) (${selectorOf(measure.of)} and on (instance) ${selectorOf(measure.by)}) / sum by (${siteLabel}) (${selectorOf(measure.by)})`;
    case 'none':
      return undefined;
  }
}

/** The anchor of an alert in docs/operations.md. */
export const anchorOf = (name: string): string => `alert-${name.toLowerCase()}`;

function alertRule({ name, severity, summary, meaning }: AlertText, expr: string, wait?: string): Rule {
  const runbook = `docs/operations.md#${anchorOf(name)}`;
  return { alert: name, expr, ...(wait === undefined ? {} : { for: wait }), labels: { severity }, annotations: { summary, description: meaning, runbook_url: runbook } };
}

function figureAlert(objective: Objective): Rule[] {
  const { alert, alertAt, better } = objective;
  if (alert === undefined || alertAt === undefined) return [];
  return [alertRule(alert, `${figureName(objective)} ${better === 'less' ? '>' : '<'} ${alertAt}`, patience)];
}

function burnAlert(budget: BudgetObjective, severity: Severity): Rule {
  const allowed = Number((1 - budget.objective).toFixed(6));
  const terms = burnRates.filter((one) => one.severity === severity).map(({ burn, long, short }) => {
    const bound = Number((burn * allowed).toFixed(6));
    return `(${badShareName(budget, long)} > ${bound} and ${badShareName(budget, short)} > ${bound})`;
  });
  return alertRule({ ...budget.alert, severity }, terms.join(' or '));
}

const windows = [...new Set(burnRates.flatMap(({ long, short }) => [short, long]))];

/** All rules, as the spec of a PrometheusRule and as a rule file of Prometheus: both have this shape. */
export const ruleGroups: readonly RuleGroup[] = [
  { name: 'souk-figures', rules: objectives.flatMap((one): Rule[] => {
    const expr = figureOf(one);
    return expr === undefined ? [] : [{ record: figureName(one), expr }];
  }) },
  { name: 'souk-budgets', rules: budgetObjectives.flatMap((one) => windows.map((window): Rule => ({ record: badShareName(one, window), expr: one.badShare(window) }))) },
  { name: 'souk-figure-alerts', rules: objectives.flatMap(figureAlert) },
  { name: 'souk-budget-alerts', rules: budgetObjectives.flatMap((one) => [burnAlert(one, 'page'), burnAlert(one, 'ticket')]) },
  { name: 'souk-alerts', rules: plainAlerts.map((one) => alertRule(one, one.expression, one.for)) },
];

/** The rule file as YAML. */
export function ruleFile(): string {
  return `# Written by \`npm run slo\` from tools/slo; a change belongs there.\n${stringify({ groups: ruleGroups }, { lineWidth: 0 })}`;
}
