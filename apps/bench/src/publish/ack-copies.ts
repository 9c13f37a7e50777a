import { join } from 'node:path';
import { toWire } from '@souk/domain';
import { packageOfFiles } from '@souk/testing/archives';
import { author, type Author } from '@souk/testing/builders';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { introduce, prepare, signRelease, type Prepared } from '../site/publishing.ts';
import type { SiteClient } from '../site/site-client.ts';
import { startSite } from '../site/site-process.ts';

const peers = 2;

interface Publishing {
  readonly client: SiteClient;
  readonly publisher: Author;
}

async function begin(bench: Bench, copies: number): Promise<Publishing> {
  const { client } = await startSite(bench, { data: join(bench.scratch, `copies-${copies}`), services: true, several: { peers, copies } });
  const publisher = author(`bench publisher of ${copies}`);
  await introduce(client, publisher);
  return { client, publisher };
}

async function publish({ client, publisher }: Publishing, one: Prepared): Promise<void> {
  await client.putBlob(one.report.cid, one.bytes);
  const added = await client.postRecords([toWire(signRelease(publisher, one))]);
  if (added !== 1) throw new Error(`the site took ${added} records instead of 1`);
}

/** A small package, another one each time. */
function goods(number: number): Promise<Prepared> {
  const packageJson = `${JSON.stringify({ name: `published-${number}`, version: '1.0.0', description: 'A package of the benchmark' })}\n`;
  return prepare(packageOfFiles({ 'package.json': packageJson, 'README.md': `# Package ${number}\n` }) as Buffer<ArrayBuffer>);
}

async function setup(bench: Bench): Promise<Trial> {
  const [one, two] = [await begin(bench, 1), await begin(bench, 2)];
  let next = await goods(0);
  return {
    before: async (iteration) => {
      next = await goods(iteration);
    },
    run: () => publish(two, next),
    baseline: () => publish(one, next),
    notes: () => [`two sites of ${peers} peers each on this machine, one process per service over NATS; packages of two files, ${next.report.size} bytes packed`],
    teardown: async () => undefined,
  };
}

/** A publish until two disks have it. */
export const ackCopies: Scenario = {
  name: 'publish/ack-copies-2',
  unit: 'ms',
  measures: 'A publish of a small package at a site of two peers, from the upload to the answer that blob and record are on the disks of both.',
  goal: 80,
  baseline: 'the same at a site whose SOUK_COPIES is 1',
  repetitions: { recorded: 300, warmUp: 30 },
  quick: { recorded: 20, warmUp: 3 },
  setup,
};
