import type { LoadResult } from '@souk/bench';
import { loadGoalFor } from '../slo/load-goals.ts';

/** What Souk's own goals say of a result, in one line; undefined where there is none for the scenario. Missing one fails nothing: it is for a quiet machine. */
export function goalLine({ scenario, packages, runs }: LoadResult): string | undefined {
  const goal = scenario === 'load' ? loadGoalFor(packages) : undefined;
  const search = runs.at(-1)?.journeys.find(({ journey }) => journey === 'search');
  if (goal === undefined || search === undefined) return undefined;
  const isReached = search.perSecond >= goal.searchesPerSecond && search.p95 <= goal.p95Ms;
  return `goal: >= ${goal.searchesPerSecond} searches/s at p95 <= ${goal.p95Ms} ms from ${goal.fromPackages} packages on: ${isReached ? 'reached' : 'missed'} with ${Math.round(search.perSecond)}/s at ${search.p95.toFixed(1)} ms`;
}
