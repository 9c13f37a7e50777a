import { reading } from './parts/journeys.ts';
import { atRate, optionsOf } from './parts/options.ts';
import { plan } from './parts/plan.ts';

/** A rate that is easy for the site, for long; `npm run load` watches the memory of its processes meanwhile. Nothing is published, so nothing has to grow. */
export const options = optionsOf({ soak: atRate(plan.rate, plan.seconds, 'one') }, ['search', 'info', 'install']);
export { handleSummary } from './parts/summary.ts';

/** One journey. */
export function one(): void {
  reading();
}
