import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openDataFolder } from '@souk/store';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { startSite, type SiteProcess } from '../site/site-process.ts';
import { siteProgram } from '../parts/places.ts';
import { rawStream } from './raw-stream.ts';
import { publisherRecords, recordsEach } from './sync.ts';

const sizes = { full: 100_000, quick: 2000 };
/** How exact the figure is. */
const pollMs = 20;

/** Fills the data folder of a site with logs; answers with their bytes. */
async function fill(path: string, records: number, bench: Bench): Promise<number> {
  const data = await openDataFolder(path);
  let bytes = 0;
  try {
    for (let number = 0; number * recordsEach < records; number += 1) {
      bench.signal.throwIfAborted();
      const own = publisherRecords(number);
      for (const { header, signature, body } of own) bytes += header.length + signature.length + (body?.length ?? 0);
      await data.logs.append(own);
    }
  } finally {
    await data.close();
  }
  return bytes;
}

/** What the site's process says of its event loop since it was asked last, in milliseconds, the interval of 10 ms included. */
async function delayOf(site: SiteProcess): Promise<string> {
  const [p99, max] = await site.client.metrics('nodejs_eventloop_lag_p99_seconds', 'nodejs_eventloop_lag_max_seconds');
  return `p99 ${((p99 ?? NaN) * 1000).toFixed(1)}, longest ${((max ?? NaN) * 1000).toFixed(1)} ms`;
}

async function setup(bench: Bench): Promise<Trial> {
  const records = bench.quick ? sizes.quick : sizes.full;
  const place = join(bench.scratch, 'sync-site');
  const bytes = await fill(join(place, 'holder'), records, bench);
  const holder = await startSite(bench, { data: join(place, 'holder') });
  const { headRoot } = await holder.client.self();
  const data = join(place, 'new');
  const delays: string[] = [];
  let site: SiteProcess | undefined;
  return {
    warmedUp: () => void delays.splice(0),
    before: async () => void (await delayOf(holder)),
    run: async () => {
      site = await startSite(bench, { data, join: holder.invite });
      while ((await site.client.self()).headRoot !== headRoot) {
        bench.signal.throwIfAborted();
        await wait(pollMs);
      }
    },
    after: async () => {
      if (site) delays.push(`the new site ${await delayOf(site)}, the holder ${await delayOf(holder)}`);
      await site?.stop();
      await rm(data, { recursive: true, force: true });
    },
    baseline: () => rawStream(bytes),
    notes: () => [`${siteProgram().label}, ${records} records, ${(bytes / 1e6).toFixed(1)} MB; signatures verified in worker threads; the start of the new site's process included`, `event loop delay of each run, interval of 10 ms included: ${delays.join('; ')}`],
    teardown: () => holder.stop(),
  };
}

/** How fast a whole site, with its search index and all, is level with another one. */
export const syncSite: Scenario = {
  name: 'sync/site-100000-records',
  unit: 'ms',
  measures: 'A new site, from the start of its process with the invite of one that holds 100,000 records until both head roots are equal.',
  goal: 30_000,
  baseline: 'the same bytes over one TCP connection',
  repetitions: { recorded: 3, warmUp: 0 },
  quick: { recorded: 1, warmUp: 0 },
  setup,
};
