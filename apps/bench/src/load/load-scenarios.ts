import type { Amount } from './k6-run.ts';

/** One scenario of `k6/`, and how it is run unless something else is asked for. */
export interface LoadScenario {
  /** Of its file in `k6/`. */
  readonly name: string;
  readonly says: string;
  readonly amount: Amount;
  /** What is done with it: one run; a search for the highest rate; one run while memory is watched. */
  readonly way: 'run' | 'capacity' | 'soak';
  /** Releases that a run may publish. */
  releases(amount: Amount): number;
}

const none = (): number => 0;
/** One of fifty journeys publishes, and the run may begin a little late. */
const oneOfFifty = ({ rate, seconds }: Amount): number => Math.ceil((rate * (seconds + 1)) / 50) + 1;

/** All scenarios. */
export const loadScenarios: readonly LoadScenario[] = [
  { name: 'smoke', says: 'every journey ten times', way: 'run', amount: { seconds: 10, users: 1, rate: 1 }, releases: () => 10 },
  { name: 'load', says: 'users who search without a pause: searches per second, and how long each takes', way: 'run', amount: { seconds: 30, users: 16, rate: 1 }, releases: none },
  { name: 'stress', says: 'more and more up to what is too much, then little: the site has to be as good as before', way: 'run', amount: { seconds: 60, users: 1, rate: 3000 }, releases: none },
  { name: 'spike', says: 'ten times as much from one moment to the next, and back', way: 'run', amount: { seconds: 45, users: 1, rate: 800 }, releases: none },
  { name: 'soak', says: 'an easy rate for ten minutes, in which no process may grow', way: 'soak', amount: { seconds: 600, users: 1, rate: 100 }, releases: none },
  { name: 'publish', says: 'releases one after the other by several authors', way: 'run', amount: { seconds: 30, users: 8, rate: 1 }, releases: ({ seconds }) => seconds * 20 },
  { name: 'install', says: 'users who install without a pause', way: 'run', amount: { seconds: 30, users: 4, rate: 1 }, releases: none },
  { name: 'mixed', says: 'the highest rate at which 90 % searches, 8 % looks at a package and 2 % publish and install hold the targets', way: 'capacity', amount: { seconds: 15, users: 1, rate: 100 }, releases: oneOfFifty },
];
