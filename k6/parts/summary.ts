import { plan } from './plan.ts';

interface SummaryData {
  readonly metrics: Readonly<Record<string, { readonly values: Readonly<Record<string, number>>; readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>> }>>;
  readonly state: { readonly testRunDurationMs: number };
}

/** Writes what was measured for `npm run load`, which makes the reports; nothing goes to the terminal. */
export function handleSummary({ metrics, state }: SummaryData): Record<string, string> {
  return { [plan.summary]: JSON.stringify({ metrics, seconds: state.testRunDurationMs / 1000 }) };
}
