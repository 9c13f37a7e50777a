import { publish } from './parts/journeys.ts';
import { optionsOf } from './parts/options.ts';
import { plan } from './parts/plan.ts';

/** Authors who publish prepared releases, each after the other: 20 of them a second of the plan, as fast as the site takes them. */
export const options = optionsOf({ publish: { executor: 'shared-iterations', vus: plan.users, iterations: plan.seconds * 20, maxDuration: `${plan.seconds * 10}s`, exec: 'one' } }, ['publish']);
export { handleSummary } from './parts/summary.ts';

/** One release. */
export function one(): void {
  publish();
}
