import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countedJest, countsLine } from './jest-counts.mjs';
import { root, run, setUp } from './setup.mjs';
import { steps } from './steps.mjs';

const usage = `npm run test:faults -- [options]
  --kills N       kills of peer processes under load (1000)
  --runs N        how often every other fault is repeated (1)
  --seed S        what everything drawn by chance follows from (any)
  --lanes N       lives of sites that go on at the same time (2)
  --only PATTERN  only the specs whose path matches, e.g. kills, disks`;

const number = { type: 'string' };

function options() {
  try {
    const { values } = parseArgs({ options: { kills: number, runs: number, seed: number, lanes: number, only: { type: 'string' }, help: { type: 'boolean' } } });
    const wrong = ['kills', 'runs', 'seed', 'lanes'].filter((name) => values[name] !== undefined && !/^[1-9]\d{0,8}$/.test(values[name]));
    if (wrong.length > 0) throw new Error(`--${wrong[0]} has to be a whole number from 1 on`);
    return values;
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

/** One thing that was measured, in one line. */
function measureLine({ what, unit, count, least, p50, max }) {
  return `  ${what}: ${count === 1 ? `${max} ${unit}` : `${count} times, least ${least}, p50 ${p50}, max ${max} ${unit}`}`;
}

/** What the specs counted, as a table. */
function summary(folder) {
  const lines = [];
  for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
    const { measures, ...tally } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    if (measures) {
      lines.push(`${tally.name}:`, ...measures.map(measureLine));
      continue;
    }
    const { name, kills, elsewhere, acknowledged, powerCuts, repaired, lost, doubled, broken, restartMs } = tally;
    const sum = Object.values(kills).reduce((all, count) => all + count, 0);
    const hit = Object.values(kills).filter((count) => count > 0).length;
    lines.push(`${name}: ${sum} kills at ${hit} of ${Object.keys(kills).length} steps`);
    for (const [step, count] of Object.entries(kills).toSorted(([one], [other]) => one.localeCompare(other))) lines.push(`  ${String(count).padStart(6)}  ${step}`);
    lines.push(`  ${String(elsewhere).padStart(6)}  at any other time: the step was not reached, and was tried again`);
    lines.push(`  ${powerCuts} power failures, ${repaired} starts with something to repair`);
    lines.push(`  ${acknowledged} releases acknowledged, ${lost} lost, ${doubled} doubled, ${broken} other failures`);
    lines.push(`  ${restartMs.count} restarts to ready: p50 ${restartMs.p50} ms, p95 ${restartMs.p95} ms, p99 ${restartMs.p99} ms, max ${restartMs.max} ms`);
  }
  return lines;
}

/** `npm run test:faults`: set-up when needed, build, then the tier of faults; ends with what it counted and `N passed, N failed`. */
async function main() {
  const { kills = '1000', runs = '1', lanes = '2', seed = String(1 + Math.floor(Math.random() * 999_999_999)), only, help } = options();
  if (help) {
    console.log(usage);
    return;
  }
  setUp();
  console.log(`faults: seed ${seed}, ${kills} kills, ${runs} runs (again: npm run test:faults -- --seed ${seed} --kills ${kills} --runs ${runs})`);
  const report = join(root, 'node_modules', '.cache', 'souk', 'faults');
  rmSync(report, { recursive: true, force: true });
  mkdirSync(report, { recursive: true });
  const isBuilt = (await steps.build([])) === 0;
  const env = { SOUK_FAULTS_SEED: seed, SOUK_FAULTS_KILLS: kills, SOUK_FAULTS_RUNS: runs, SOUK_FAULTS_LANES: lanes, SOUK_FAULTS_REPORT: report };
  const jest = (words) => run('node', ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', '-c', 'jest.faults.config.mjs', ...words, ...(only ? [only] : [])], 'inherit', env);
  const counts = await countedJest(jest, 'faults.json');
  const failed = counts.failed + (isBuilt ? 0 : 1);
  for (const line of summary(report)) console.log(line);
  console.log(countsLine({ ...counts, failed }));
  process.exitCode = failed ? 1 : 0;
}

await main();
