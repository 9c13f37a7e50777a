import { run } from './setup.mjs';

const quietly = ['--outputStyle=static'];

/** Builds everything. `output` is the file descriptor that its report goes to: 2 keeps standard output free for what comes after. */
const build = (output = 1) => run('nx', ['run-many', '-t', 'build', ...quietly], ['inherit', output, 'inherit']);

/**
 * The steps that the npm scripts are made of: name -> (words after `--`) -> exit code.
 * @type {Record<string, (words: string[]) => Promise<number>>}
 */
export const steps = {
  build: () => build(),
  // Built first: the type-aware rules read other projects' types where their package.json says they lie.
  lint: async () => (await steps.build([])) || (await run('nx', ['run-many', '-t', 'lint', ...quietly])) || run('oxlint', ['tools', 'k6', 'jest.config.mjs']),
  typecheck: async () => (await run('tsc', ['-p', 'tsconfig.specs.json'])) || run('tsc', ['-p', 'k6']),
  jest: (words) =>
    run('node', ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', ...words]),
  fence: () => run('node', ['tools/fence/write-lint-fence.ts']),
  slo: () => run('node', ['--disable-warning=ExperimentalWarning', 'tools/slo/write-generated.ts']),
  released: async () => (await build(2)) || run('node', ['tools/contracts/write-released.ts']),
  asyncapi: () => run('node', ['--conditions=@souk/source', 'tools/contracts/write-asyncapi.ts']),
  examples: async () => (await build(2)) || run('node', ['e2e/dist/api/write-examples.js']),
  chart: async () => (await build(2)) || run('node', ['tools/chart/write-chart.ts']),
  cluster: async (words) => (await build(2)) || run('node', ['e2e/cluster/cluster.mjs', ...words]),
  bench: async (words) => (await build(2)) || run('node', ['apps/bench/dist/main.js', ...words]),
  load: async (words) => (await build(2)) || run('node', ['--disable-warning=ExperimentalWarning', 'tools/load/start-load.ts', ...words]),
  // Standard output is for the announcement alone.
  services: async (words) => (await build(2)) || run('node', ['--disable-warning=ExperimentalWarning', 'tools/nats/start-services.ts', ...words]),
  start: async (words) => (await steps.build([])) || run('node', ['apps/site/dist/main.js', ...words], 'inherit', { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? 'node_modules/.cache/souk/compile' }),
};
