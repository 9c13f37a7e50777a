import exec from 'k6/execution';
import { reading } from './parts/journeys.ts';
import { mostUsers, optionsOf } from './parts/options.ts';
import { plan } from './parts/plan.ts';

const third = Math.round(plan.seconds / 3);
const easy = Math.ceil(plan.rate / 10);

/** Ten times as much from one moment to the next, for a third of the run: afterwards the site has to be as good as before. */
export const options = optionsOf(
  {
    spike: {
      executor: 'ramping-arrival-rate', startRate: easy, timeUnit: '1s', preAllocatedVUs: mostUsers, maxVUs: mostUsers, exec: 'one',
      stages: [{ target: easy, duration: `${third}s` }, { target: plan.rate, duration: '0s' }, { target: plan.rate, duration: `${third}s` }, { target: easy, duration: '0s' }, { target: easy, duration: `${third}s` }],
    },
  },
  ['search', 'info', 'install'],
  'after',
);
export { handleSummary } from './parts/summary.ts';

/** One journey. */
export function one(): void {
  const { progress } = exec.scenario;
  reading(progress < 1 / 3 ? 'before' : progress < 0.75 ? 'peak' : 'after');
}
