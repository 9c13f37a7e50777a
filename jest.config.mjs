/** Specs run as ESM from source: `@souk/source` leads to each project's src, so no build is needed before a unit test. */
const base = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@souk/source', 'node', 'node-addons', 'module-sync'] },
  extensionsToTreatAsEsm: ['.ts'],
  modulePathIgnorePatterns: ['/dist/'],
  testMatch: ['**/*.spec.ts'],
  setupFilesAfterEnv: ['<rootDir>/tools/release-locks.mjs'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, verbatimModuleSyntax: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

/** @type {import('jest').Config} */
export default {
  maxWorkers: 2,
  // Modules of specs that have run stay in a worker's memory: it is replaced before it takes several gigabytes.
  workerIdleMemoryLimit: '1GB',
  // Bounds what hangs, judges nothing: a busy machine is many times slower.
  testTimeout: 300_000,
  projects: [
    { ...base, displayName: 'unit', roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/tools'] },
    {
      ...base,
      displayName: 'e2e',
      roots: ['<rootDir>/e2e'],
      // Tiers of their own: npm run test:faults, npm run test:deploy.
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/e2e/src/faults/', '<rootDir>/e2e/src/deploy/'],
      globalSetup: '<rootDir>/e2e/pack-souk.setup.mjs',
      globalTeardown: '<rootDir>/e2e/pack-souk.teardown.mjs',
      setupFilesAfterEnv: [...base.setupFilesAfterEnv, '<rootDir>/tools/journey-timeout.mjs'],
    },
  ],
};
