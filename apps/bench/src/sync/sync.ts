import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerifiedRecord } from '@souk/domain';
import { openLogStore } from '@souk/store';
import { author } from '@souk/testing/builders';
import type { Bench } from '../runner/bench.ts';
import type { Repetitions, Scenario, Trial } from '../runner/scenario.ts';
import { PeerProcess, type Held } from './peer-process.ts';
import { rawStream } from './raw-stream.ts';

/** Records of one publisher: two of its root, the first of its device, and releases. */
const recordsEach = 100;

function publisherRecords(number: number): readonly VerifiedRecord[] {
  const publisher = author(`publisher ${number}`);
  for (let patch = 0; publisher.records.length < recordsEach; patch += 1) publisher.releases(`package-${number}`, `1.0.${patch}`);
  return publisher.records;
}

/** Writes the logs of a holder; answers with their bytes. */
async function fillFolder(folder: string, records: number, bench: Bench): Promise<number> {
  const logs = await openLogStore(folder);
  let bytes = 0;
  try {
    for (let number = 0; number * recordsEach < records; number += 1) {
      bench.signal.throwIfAborted();
      const own = publisherRecords(number);
      for (const { header, signature, body } of own) bytes += header.length + signature.length + (body?.length ?? 0);
      await logs.append(own);
      if (number % 100 === 0) bench.say(`writing records: ${number * recordsEach} of ${records}`);
    }
  } finally {
    await logs.close();
  }
  return bytes;
}

async function setup(records: number, bench: Bench): Promise<Trial> {
  const place = join(bench.scratch, `sync-${records}`);
  const bytes = await fillFolder(join(place, 'holder'), records, bench);
  const holder = await PeerProcess.start(bench, join(place, 'holder'), 'holder');
  const folder = join(place, 'new');
  const seen: Held[] = [];
  let peer: PeerProcess | undefined;
  const worst = (of: (held: Held) => number): string => Math.max(...seen.map(of)).toFixed(1);
  return {
    warmedUp: () => void seen.splice(0),
    before: async (iteration) => {
      peer = await PeerProcess.start(bench, folder, `new ${iteration}`);
    },
    run: async () => {
      const held = await (peer as PeerProcess).follow(holder, records);
      if (held.root !== holder.root) throw new Error('the new peer has another head root than the one that it followed');
      seen.push(held);
    },
    after: async () => {
      await peer?.stop();
      await rm(folder, { recursive: true, force: true });
    },
    baseline: () => rawStream(bytes),
    notes: () => [
      `${records} records of ${(records / recordsEach) * 2} logs, ${(bytes / 1e6).toFixed(1)} MB, from disk to disk, each peer a process of its own, loopback; each signature verified`,
      `the new peer while it syncs: event loop delay p99 ${worst((held) => held.delayP99Ms)} ms, longest ${worst((held) => held.delayMaxMs)} ms (the worst run); ${worst((held) => held.rssMiB)} MiB RSS at the end, ${worst((held) => held.cpuMs)} ms of processor time`,
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
