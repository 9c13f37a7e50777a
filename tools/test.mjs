import { countedJest, countsLine } from './jest-counts.mjs';
import { setUp } from './setup.mjs';
import { steps } from './steps.mjs';

/**
 * `npm test`: set-up when needed, build, lint, types of specs, every spec. A failing step does not stop the later
 * ones. The last line counts what jest counted; a suite that could not run and a failing step count as one failure each.
 */
async function main() {
  setUp();
  const broken = [];
  for (const name of ['build', 'lint', 'typecheck']) if ((await steps[name]([])) !== 0) broken.push(name);
  const counts = await countedJest((words) => steps.jest([...words, ...process.argv.slice(2)]), 'jest.json');
  for (const name of broken) console.log(`${name}: failed (see above; alone: npm run ${name})`);
  const failed = counts.failed + broken.length;
  console.log(countsLine({ ...counts, failed }));
  process.exitCode = failed ? 1 : 0;
}

await main();
