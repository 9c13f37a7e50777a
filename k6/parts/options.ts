import type { Options, Scenario } from 'k6/options';
import type { Journey } from '../../tools/slo/objective.ts';
import { loadThresholds } from '../../tools/slo/load-thresholds.ts';
import type { Phase } from './journeys.ts';
import { plan } from './plan.ts';

/** How long users search before anything counts: the site's code is compiled meanwhile. */
export const warmUpSeconds = 5;
/** Users of scenarios with a rate; more than this wait at once only where the site does not keep up. */
export const mostUsers = 300;

/** Options of a scenario: what it does, and that these journeys hold the targets in that phase. */
export function optionsOf(scenarios: Record<string, Scenario>, journeys: readonly Journey[], phase: Phase = 'whole'): Options {
  const thresholds = loadThresholds(journeys, (journey) => ({ took: `souk_journey{journey:${journey},phase:${phase}}`, failed: `souk_journey_failed{journey:${journey},phase:${phase}}` }));
  return { scenarios, thresholds, discardResponseBodies: true, summaryTrendStats: ['count', 'min', 'med', 'p(95)', 'p(99)', 'max'], systemTags: ['name', 'status', 'error_code', 'scenario'] };
}

/** So many journeys per second, whether the site keeps up or not. */
export const atRate = (rate: number, seconds: number, exec: string): Scenario => ({
  executor: 'constant-arrival-rate', rate, timeUnit: '1s', duration: `${seconds}s`, preAllocatedVUs: Math.min(50, mostUsers), maxVUs: mostUsers, exec,
});

/** Users who do one journey after the other. */
export const byUsers = (seconds: number, exec: string, startTime = '0s'): Scenario => ({ executor: 'constant-vus', vus: plan.users, duration: `${seconds}s`, startTime, exec });
