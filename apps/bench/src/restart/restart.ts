import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { siteProgram } from '../parts/places.ts';
import type { Bench } from '../runner/bench.ts';
import { Phases } from '../runner/phases.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { startSite, type SiteProcess } from '../site/site-process.ts';
import { releaseFolder, type ReleaseFolder } from './release-folder.ts';

const sizes = { full: 100_000, quick: 2000 };

/** Opens the logs as SQLite alone would after the same kill, and counts the records: the least that a restart can cost. */
async function rawCount({ path, releases }: ReleaseFolder): Promise<void> {
  // Its warning that it is experimental would be printed when it is loaded.
  const { DatabaseSync: Database } = createRequire(import.meta.url)('node:sqlite') as { DatabaseSync: typeof DatabaseSync };
  const db = new Database(join(path, 'logs.db'));
  try {
    const { count } = db.prepare('SELECT count(*) AS count FROM record').get() as { count: number };
    if (count < releases) throw new Error(`the logs have ${count} records, ${releases} were written`);
  } finally {
    db.close();
  }
}

/** Asks everything that a site answers: a version, a resolution, a search over all. */
async function requireServing({ client }: SiteProcess, { packages, sample }: ReleaseFolder, phases: Phases): Promise<void> {
  await phases.time('first resolution', () => client.resolve({ [sample.name]: sample.version }));
  await phases.time('first search', async () => {
    const { total, partial } = await client.checkedSearch({ limit: 1 });
    if (total !== packages || partial === true) throw new Error(`search knows ${total} packages of ${packages}`);
  });
}

async function setup(bench: Bench): Promise<Trial> {
  const folder = await releaseFolder(bench.quick ? sizes.quick : sizes.full, bench);
  const phases = new Phases();
  let site = await startSite(bench, { data: folder.path });
  return {
    warmedUp: () => phases.reset(),
    before: () => site.kill(),
    run: async () => {
      site = await phases.time('start to ready', () => startSite(bench, { data: folder.path }));
      await requireServing(site, folder, phases);
    },
    baseline: () => rawCount(folder),
    notes: () => [`${siteProgram().label}, ${folder.releases} releases of ${folder.packages} packages by 100 publishers with their blobs, kill -9 before each start`, phases.note('ms')],
    teardown: () => site.stop(),
  };
}

/** How long a site with many releases is away after a crash. */
export const restart: Scenario = {
  name: 'restart/100000-releases',
  unit: 'ms',
  measures: 'A site that was killed (kill -9), from the start of its process until it has resolved a version and searched over the whole catalogue.',
  goal: 5000,
  baseline: 'raw SQLite: open the same logs, count the records',
  repetitions: { recorded: 10, warmUp: 1 },
  quick: { recorded: 3, warmUp: 1 },
  setup,
};
