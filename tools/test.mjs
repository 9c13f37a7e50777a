import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, setUp } from './setup.mjs';
import { steps } from './steps.mjs';

/**
 * `npm test`: set-up when needed, build, lint, types of specs, every spec. A failing step does not stop the later
 * ones. The last line counts what jest counted; a suite that could not run and a failing step count as one failure each.
 */
async function main() {
  setUp();
  const broken = [];
  for (const name of ['build', 'lint', 'typecheck']) if ((await steps[name]([])) !== 0) broken.push(name);

  const file = join(root, 'node_modules', '.cache', 'souk', 'jest.json');
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const exitCode = await steps.jest(['--ci', '--json', '--outputFile', file, ...process.argv.slice(2)]);
  const tests = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;

  const passed = tests?.numPassedTests ?? 0;
  const failures = (tests?.numFailedTests ?? 0) + (tests?.numRuntimeErrorTestSuites ?? 0);
  // Jest also ends badly without a failed test: no spec found, or it broke down itself.
  const failed = Math.max(failures, exitCode === 0 ? 0 : 1) + broken.length;
  const skipped = (tests?.numPendingTests ?? 0) + (tests?.numTodoTests ?? 0);

  for (const name of broken) console.log(`${name}: failed (see above; alone: npm run ${name})`);
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed ? 1 : 0;
}

await main();
