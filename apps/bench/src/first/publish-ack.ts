import { open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { toWire } from '@souk/domain';
import { packageOfFiles } from '@souk/testing/archives';
import { author } from '@souk/testing/builders';
import { topFolder } from '../parts/places.ts';
import type { Bench } from '../runner/bench.ts';
import { Phases } from '../runner/phases.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';
import { introduce, prepare, signRelease, type Prepared } from '../site/publishing.ts';
import { startSite } from '../site/site-process.ts';

const template = join(topFolder, 'examples/node-http-service');

async function templateFiles(): Promise<Record<string, Buffer>> {
  const entries = await readdir(template, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(await Promise.all(paths.sort().map(async (path) => [relative(template, path), await readFile(path)] as const)));
}

/** The template under another name: another package with other bytes. */
function copyOf(files: Record<string, Buffer>, number: number): Promise<Prepared> {
  const packageJson = { ...(JSON.parse(String(files['package.json'])) as object), name: `node-http-service-${number}` };
  return prepare(packageOfFiles({ ...files, 'package.json': `${JSON.stringify(packageJson, undefined, 2)}\n` }) as Buffer<ArrayBuffer>);
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle: FileHandle = await open(file, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function setup(bench: Bench): Promise<Trial> {
  const files = await templateFiles();
  const site = await startSite(bench, { data: join(bench.scratch, 'publish') });
  const publisher = author('bench publisher');
  await introduce(site.client, publisher);
  const phases = new Phases();
  let next = await copyOf(files, 0);
  let record = new Uint8Array();
  return {
    warmedUp: () => phases.reset(),
    before: async (iteration) => {
      next = await copyOf(files, iteration);
    },
    run: async () => {
      await phases.time('upload of the blob', () => site.client.putBlob(next.report.cid, next.bytes));
      const release = signRelease(publisher, next);
      const added = await phases.time('append of the record', () => site.client.postRecords([toWire(release)]));
      if (added !== 1) throw new Error(`the site took ${added} records instead of 1`);
      record = Buffer.concat([release.header, release.signature, release.body ?? new Uint8Array()]);
    },
    baseline: async () => {
      await writeDurably(join(bench.scratch, 'blob'), next.bytes);
      await writeDurably(join(bench.scratch, 'record'), record);
    },
    notes: () => [`examples/node-http-service under another name each time: ${next.report.files.length} files, ${next.report.size} bytes packed, a record of ${record.length} bytes; no other peer`, phases.note('ms')],
    teardown: () => site.stop(),
  };
}

/** A publish until the site says that it can't be lost any more. */
export const publishAck: Scenario = {
  name: 'first/publish-ack',
  unit: 'ms',
  measures: 'A publish of a small package, from the upload to the answer that its signed release is on disk.',
  target: 500,
  goal: 50,
  baseline: 'write and fsync of the same bytes',
  repetitions: { recorded: 300, warmUp: 30 },
  quick: { recorded: 20, warmUp: 3 },
  setup,
};
