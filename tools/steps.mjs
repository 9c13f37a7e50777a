import { run } from './setup.mjs';

/** The steps that npm scripts are made of. Each takes the words after `--` and returns an exit code. */
export const steps = {
  build: () => run('nx', ['run-many', '-t', 'build', '--outputStyle=static', '--tui=false']),
  lint: () => run('nx', ['run-many', '-t', 'lint', '--outputStyle=static', '--tui=false']),
  typecheck: () => run('tsc', ['-b']) || run('tsc', ['-p', 'tsconfig.specs.json']),
  /** @param {string[]} words */
  jest: (words) => run('node', ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', ...words]),
  /** @param {string[]} words */
  bench: (words) => steps.build() || run('node', ['apps/bench/dist/main.js', ...words]),
  start: (/** @type {string[]} */ words) => steps.build() || run('node', ['apps/site/dist/main.js', ...words]),
};
