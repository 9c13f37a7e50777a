import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { externalProgram } from '@souk/testing/external';
import { topFolder } from '../parts/places.ts';
import type { Bench } from '../runner/bench.ts';
import { preparedReleases } from './load-data.ts';
import type { LoadSite } from './load-site.ts';
import type { LoadScenario } from './load-scenarios.ts';

/** How hard a scenario loads. */
export interface Amount {
  readonly seconds: number;
  readonly users: number;
  /** Journeys begun per second. */
  readonly rate: number;
}

/** One metric of k6, with the names of k6: `p(95)`, `count`, `rate`. */
export interface K6Metric {
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

/** What one run of k6 measured. */
export interface K6Summary {
  readonly metrics: Readonly<Record<string, K6Metric>>;
  readonly seconds: number;
  /** Whether every threshold held. */
  readonly held: boolean;
}

/** k6 ends with it when a threshold did not hold. */
const thresholdsCrossed = 99;
let runs = 0;

/** Runs one scenario of `k6/` against a site. Throws when k6 could not run it; thresholds that do not hold are an answer. */
export async function runK6(bench: Bench, load: LoadSite, scenario: LoadScenario, amount: Amount): Promise<K6Summary> {
  runs += 1;
  const file = (name: string): string => join(bench.scratch, `${name}-${runs}.json`);
  const releases = await preparedReleases(load.site.client, scenario.releases(amount), `${scenario.name}-${runs}`);
  await writeFile(file('data'), JSON.stringify({ ...load.reading, releases }));
  await writeFile(file('plan'), JSON.stringify({ site: load.site.url, ...amount, data: file('data'), summary: file('summary') }));
  const words = ['run', '--quiet', '--no-usage-report', '--address', '', '-e', `PLAN=${file('plan')}`, join(topFolder, 'k6', `${scenario.name}.ts`)];
  const child = spawn(externalProgram('k6'), words, { stdio: ['ignore', 'ignore', 'pipe'], signal: bench.signal });
  const closed = new Promise<number | string>((resolve, reject) => child.once('error', reject).once('close', (code, killed) => resolve(code ?? killed ?? 1)));
  const [complaints, code] = await Promise.all([text(child.stderr), closed]);
  if (code !== 0 && code !== thresholdsCrossed) throw new Error(`k6 ended with ${code}: ${complaints.trim().slice(-1000)}`);
  const { metrics, seconds } = JSON.parse(await readFile(file('summary'), 'utf8')) as Pick<K6Summary, 'metrics' | 'seconds'>;
  return { metrics, seconds, held: code === 0 };
}
