import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { verify, type VerifiedRecord } from '@souk/domain';
import { openLogStore } from '@souk/store';
import { author } from '@souk/testing/builders';
import type { Bench } from '../runner/bench.ts';
import type { Repetitions, Scenario, Trial } from '../runner/scenario.ts';
import { PeerProcess, type Watched } from './peer-process.ts';
import { rawStream } from './raw-stream.ts';

/** Records of one publisher: two of its root, the first of its device, and releases. */
export const recordsEach = 100;

/** The records of the n-th publisher. */
export function publisherRecords(number: number): readonly VerifiedRecord[] {
  const publisher = author(`publisher ${number}`);
  for (let patch = 0; publisher.records.length < recordsEach; patch += 1) publisher.releases(`package-${number}`, `1.0.${patch}`);
  return publisher.records;
}

interface Filled {
  readonly bytes: number;
  /** Milliseconds that verifying all of the records takes on one thread, and nothing else. */
  readonly verifyMs: number;
}

/** Writes the logs of a holder. */
async function fillFolder(folder: string, records: number, bench: Bench): Promise<Filled> {
  const logs = await openLogStore(folder);
  let bytes = 0;
  let verifyMs = 0;
  try {
    for (let number = 0; number * recordsEach < records; number += 1) {
      bench.signal.throwIfAborted();
      const own = publisherRecords(number);
      for (const { header, signature, body } of own) bytes += header.length + signature.length + (body?.length ?? 0);
      const begun = performance.now();
      for (const record of own) verify(record);
      verifyMs += performance.now() - begun;
      await logs.append(own);
      if (number % 100 === 0) bench.say(`writing records: ${number * recordsEach} of ${records}`);
    }
  } finally {
    await logs.close();
  }
  return { bytes, verifyMs };
}

async function setup(records: number, bench: Bench): Promise<Trial> {
  const place = join(bench.scratch, `sync-${records}`);
  const { bytes, verifyMs } = await fillFolder(join(place, 'holder'), records, bench);
  const holder = await PeerProcess.start(bench, join(place, 'holder'), 'holder');
  const folder = join(place, 'new');
  const seen: { readonly peer: Watched; readonly holder: Watched }[] = [];
  let peer: PeerProcess | undefined;
  const worst = (who: 'peer' | 'holder', of: (watched: Watched) => number): string => Math.max(...seen.map((run) => of(run[who]))).toFixed(1);
  const figures = (who: 'peer' | 'holder'): string =>
    `event loop delay p99 ${worst(who, (one) => one.delayP99Ms)} ms, longest ${worst(who, (one) => one.delayMaxMs)} ms; ${worst(who, (one) => one.rssMiB)} MiB RSS at the end, ${worst(who, (one) => one.cpuMs)} ms of processor time`;
  return {
    warmedUp: () => void seen.splice(0),
    before: async (iteration) => {
      peer = await PeerProcess.start(bench, folder, `new ${iteration}`);
      peer.watch();
      holder.watch();
    },
    run: async () => {
      const root = await (peer as PeerProcess).follow(holder, records);
      if (root !== holder.root) throw new Error('the new peer has another head root than the one that it followed');
    },
    after: async () => {
      if (peer) seen.push({ peer: await peer.watched(), holder: await holder.watched() });
      await peer?.stop();
      await rm(folder, { recursive: true, force: true });
    },
    baseline: () => rawStream(bytes),
    notes: () => [
      `${records} records of ${(records / recordsEach) * 2} logs, ${(bytes / 1e6).toFixed(1)} MB, from disk to disk, each peer a process of its own, loopback; each signature verified, here on the thread of the node`,
      `verifying the same records on one thread and doing nothing else: ${verifyMs.toFixed(0)} ms`,
      `the worst run of each figure: the new peer: ${figures('peer')}`,
      `the holder: ${figures('holder')}`,
    ],
    teardown: () => holder.stop(),
  };
}

function scenarioOf(records: number, goal: number, repetitions: Repetitions, quick: Repetitions): Scenario {
  return {
    name: `sync/${records}-records`,
    unit: 'ms',
    measures: `A new peer, from dialling one that holds ${records} records until all of them are on its disk and both head roots are equal.`,
    goal,
    baseline: 'the same bytes over one TCP connection',
    repetitions,
    quick,
    setup: (bench) => setup(records, bench),
  };
}

/** How fast a new peer is level with another one. */
export const sync: readonly Scenario[] = [
  scenarioOf(1000, 1000, { recorded: 20, warmUp: 2 }, { recorded: 3, warmUp: 1 }),
  scenarioOf(100_000, 30_000, { recorded: 3, warmUp: 0 }, { recorded: 1, warmUp: 0 }),
];
