import config from './jest.config.mjs';

const { projects, ...rest } = config;
const journeys = projects.find(({ displayName }) => displayName === 'e2e');

/** The tier of deployment: `npm run test:deploy`. @type {import('jest').Config} */
export default {
  ...rest,
  // Each spec builds, starts or loads whole sites by itself.
  maxWorkers: 1,
  projects: [{ ...journeys, displayName: 'deploy', roots: ['<rootDir>/e2e/src/deploy'], testPathIgnorePatterns: [] }],
};
