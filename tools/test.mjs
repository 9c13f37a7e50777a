import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';
import { steps } from './steps.mjs';

/**
 * `npm test`: set-up when needed, lint, build, types of sources and specs, every spec. A failing step does not stop the later
 * ones. The last line counts what jest counted; a suite that could not run and a failing step count as one failure each.
 */
async function main() {
  setUp();
  const broken = [];
  for (const name of ['lint', 'build', 'typecheck']) if ((await steps[name]([])) !== 0) broken.push(name);

  const file = join(root, 'node_modules', '.cache', 'souk', 'jest.json');
  rmSync(file, { force: true });
  const exitCode = await steps.jest(['--ci', '--json', '--outputFile', file, ...process.argv.slice(2)]);
  const tests = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;

  const passed = tests?.numPassedTests ?? 0;
  let failed = (tests?.numFailedTests ?? 0) + (tests?.numRuntimeErrorTestSuites ?? 0) + broken.length;
  if (exitCode !== 0 && failed === 0) failed = 1;
  const skipped = (tests?.numPendingTests ?? 0) + (tests?.numTodoTests ?? 0);

  for (const name of broken) console.log(`${name}: failed (see above; alone: npm run ${name})`);
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed ? 1 : 0;
}

await main();
