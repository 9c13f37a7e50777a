import { stringify } from 'yaml';
import type { AlertCase, Story } from './alert-cases.ts';
import { ruleGroups, type Rule } from './rule-file.ts';

type AlertRule = Extract<Rule, { alert: string }>;

function testOf({ alert, severity, step }: AlertCase, { series, at }: Story, fires: boolean): object {
  const inputs = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  return {
    name: `${alert}${severity === undefined ? '' : ` (${severity})`} ${fires ? 'fires' : 'stays quiet'}`,
    interval: step,
    input_series: inputs,
    // Counted by severity, so that the labels of what makes it fire do not matter here.
    promql_expr_test: [{ expr: `count by (severity) (ALERTS{alertname="${alert}",alertstate="firing"${severity === undefined ? '' : `,severity="${severity}"`}})`, eval_time: at, exp_samples: fires ? [{ labels: `{severity="${severity ?? severityOf(alert)}"}`, value: 1 }] : [] }],
  };
}

const alertRules = ruleGroups.flatMap(({ rules }) => rules).filter((rule): rule is AlertRule => 'alert' in rule);
const severityOf = (alert: string): string => alertRules.find((rule) => rule.alert === alert)?.labels.severity ?? 'unknown';

/** The stories of alerts of one step as a test file of promtool, for a file of rules. */
export function alertTests(ruleFile: string, cases: readonly AlertCase[], step: AlertCase['step']): string {
  const tests = cases.filter((one) => one.step === step).flatMap((one) => [testOf(one, one.fires, true), testOf(one, one.quiet, false)]);
  return stringify({ rule_files: [ruleFile], evaluation_interval: step, group_eval_order: ruleGroups.map(({ name }) => name), tests }, { lineWidth: 0 });
}
