import { join } from 'node:path';
import { author } from '@souk/testing/builders';
import { poll } from '../parts/poll.ts';
import type { Bench } from '../runner/bench.ts';
import { introduce, publishAll } from '../site/publishing.ts';
import { startSite, type SiteProcess } from '../site/site-process.ts';
import { closureCopy, type ClosureCopy } from './closure-copy.ts';
import { closureSource } from './closure-source.ts';

/** Two sites of one network on loopback: one holds closures, the other one knows of them and holds none of their blobs. */
export interface ClosureSites {
  readonly holder: SiteProcess;
  readonly joined: SiteProcess;
  /** As many closures as were asked for, each of other bytes. */
  readonly copies: readonly ClosureCopy[];
  /** Throws unless the joined site holds exactly this many blobs. */
  expectHeld(blobs: number): Promise<void>;
  /** What was published, for the report. */
  readonly note: string;
  stop(): Promise<void>;
}

const convergeMs = 60_000;

/** Starts the sites, publishes `count` closures at one, and waits until the other has all their records. */
export async function startClosureSites(bench: Bench, name: string, count: number): Promise<ClosureSites> {
  const source = await closureSource(bench.scratch, bench.signal);
  const copies = await Promise.all(Array.from({ length: count }, (_, number) => closureCopy(source, String(number))));
  const holder = await startSite(bench, { data: join(bench.scratch, `${name}-holder`) });
  const joined = await startSite(bench, { data: join(bench.scratch, `${name}-joined`), join: holder.invite });
  const publisher = author(`bench ${name}`);
  await introduce(holder.client, publisher);
  for (const { packages } of copies) await publishAll(holder.client, publisher, packages);
  const { headRoot, records } = await holder.client.self();
  await poll(`the joined site has all ${records} records`, convergeMs, bench.signal, async () => (await joined.client.self()).headRoot === headRoot);
  const bytes = copies[0]?.packages.reduce((sum, { report }) => sum + report.size, 0) ?? 0;
  return {
    holder,
    joined,
    copies,
    note: `${source.label}, ${bytes} bytes packed; under new names and with new bytes for each of ${count} iterations, all published before`,
    expectHeld: async (expected) => {
      const { blobs } = await joined.client.self();
      if (blobs !== expected) throw new Error(`the joined site holds ${blobs} blobs instead of ${expected}`);
    },
    stop: async () => void (await Promise.all([holder.stop(), joined.stop()])),
  };
}
