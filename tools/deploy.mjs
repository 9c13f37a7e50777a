import { parseArgs } from 'node:util';
import { countedJest, countsLine } from './jest-counts.mjs';
import { run, setUp } from './setup.mjs';
import { steps } from './steps.mjs';

const usage = `npm run test:deploy -- [options]
  --only PATTERN  only the specs of e2e/src/deploy whose path matches, e.g. images, chart; may be given several times`;

function options() {
  try {
    return parseArgs({ options: { only: { type: 'string', multiple: true }, help: { type: 'boolean' } } }).values;
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

/**
 * `npm run test:deploy`: set-up when needed, build, then the tier of deployment. Its specs find or fetch the programs that they need
 * (tools/external) and fail, saying which, where one is missing. Ends with `N passed, N failed`.
 */
async function main() {
  const { only = [], help } = options();
  if (help) {
    console.log(usage);
    return;
  }
  setUp();
  const isBuilt = (await steps.build([])) === 0;
  const jest = (words) => run('node', ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', '-c', 'jest.deploy.config.mjs', ...words, ...only.map((name) => `e2e/src/deploy/.*${name}`)]);
  const counts = await countedJest(jest, 'deploy.json');
  const failed = counts.failed + (isBuilt ? 0 : 1);
  console.log(countsLine({ ...counts, failed }));
  process.exitCode = failed ? 1 : 0;
}

await main();
