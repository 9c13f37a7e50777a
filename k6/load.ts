import { search } from './parts/journeys.ts';
import { byUsers, optionsOf, warmUpSeconds } from './parts/options.ts';
import { plan } from './parts/plan.ts';

/** Users who search without a pause: how many searches per second there are, and how long each takes. */
export const options = optionsOf({ warmUp: byUsers(warmUpSeconds, 'warmUp'), load: byUsers(plan.seconds, 'measured', `${warmUpSeconds}s`) }, ['search']);
export { handleSummary } from './parts/summary.ts';

/** Before anything counts. */
export function warmUp(): void {
  search('before');
}

/** What counts. */
export function measured(): void {
  search();
}
