import exec from 'k6/execution';
import { reading } from './parts/journeys.ts';
import { mostUsers, optionsOf } from './parts/options.ts';
import { plan } from './parts/plan.ts';

const [up, peak, after] = [plan.seconds * 0.4, plan.seconds * 0.2, plan.seconds * 0.4].map(Math.round) as [number, number, number];
const easy = Math.ceil(plan.rate / 10);

/** More and more up to the plan's rate, which is meant to be too much, then a tenth of it: afterwards the site has to be as good as before. */
export const options = optionsOf(
  {
    stress: {
      executor: 'ramping-arrival-rate', startRate: easy, timeUnit: '1s', preAllocatedVUs: 50, maxVUs: mostUsers, exec: 'one',
      stages: [{ target: plan.rate, duration: `${up}s` }, { target: plan.rate, duration: `${peak}s` }, { target: easy, duration: '1s' }, { target: easy, duration: `${after}s` }],
    },
  },
  ['search', 'info', 'install'],
  'after',
);
export { handleSummary } from './parts/summary.ts';

/** One journey; what was begun in the last third of the run is "after": the queue of the peak is gone by then, or should be. */
export function one(): void {
  reading(exec.scenario.progress > 0.7 ? 'after' : 'peak');
}
