import { info, install, publish, search } from './parts/journeys.ts';
import { optionsOf } from './parts/options.ts';

/** Every journey ten times by one user: whether all of them work at all. */
export const options = optionsOf({ smoke: { executor: 'shared-iterations', vus: 1, iterations: 10, maxDuration: '60s', exec: 'every' } }, ['search', 'info', 'publish', 'install']);
export { handleSummary } from './parts/summary.ts';

/** One of each. */
export function every(): void {
  search();
  info();
  publish();
  install();
}
