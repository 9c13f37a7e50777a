import { install } from './parts/journeys.ts';
import { byUsers, optionsOf } from './parts/options.ts';
import { plan } from './parts/plan.ts';

/** Users who install one package after the other, with all that it depends on, from a site that holds them. */
export const options = optionsOf({ install: byUsers(plan.seconds, 'one') }, ['install']);
export { handleSummary } from './parts/summary.ts';

/** One install. */
export function one(): void {
  install();
}
