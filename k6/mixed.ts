import { mixed } from './parts/journeys.ts';
import { atRate, optionsOf } from './parts/options.ts';
import { plan } from './parts/plan.ts';

const { scenarios, thresholds, ...rest } = optionsOf({ mixed: atRate(plan.rate, plan.seconds, 'one') }, ['search', 'info', 'publish', 'install']);

/** Of fifty journeys 45 searches, 4 looks at a package, one publish and install, begun at a fixed rate. It fails where not all could be begun. */
export const options = { ...rest, scenarios, thresholds: { ...thresholds, dropped_iterations: [`count<${Math.max(1, Math.floor((plan.rate * plan.seconds) / 1000))}`] } };
export { handleSummary } from './parts/summary.ts';

/** One journey. */
export function one(): void {
  mixed();
}
