import config from './jest.config.mjs';

const { projects, ...rest } = config;
const journeys = projects.find(({ displayName }) => displayName === 'e2e');

/** The tier of faults: `npm run test:faults`. @type {import('jest').Config} */
export default {
  ...rest,
  // Each spec kills, fills and counts by itself, several sites at a time.
  maxWorkers: 1,
  projects: [{ ...journeys, displayName: 'faults', roots: ['<rootDir>/e2e/src/faults'], testPathIgnorePatterns: [] }],
};
