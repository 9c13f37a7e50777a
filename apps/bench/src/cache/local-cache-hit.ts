import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryLogStore, seedFrom, type Cid } from '@souk/domain';
import { createPeerNode } from '@souk/p2p';
import { openBlobStore } from '@souk/store';
import { putBlob, seededBytes } from '@souk/testing';
import { quietLog } from '../parts/quiet-log.ts';
import type { Bench } from '../runner/bench.ts';
import type { Scenario, Trial } from '../runner/scenario.ts';

const blobCount = 1000;
const blobBytes = 4096;

async function setup(bench: Bench): Promise<Trial> {
  const folder = join(bench.scratch, 'local-cache-hit');
  const blobs = await openBlobStore(folder);
  const cids: Cid[] = [];
  for (let number = 0; number < blobCount; number += 1) cids.push((await putBlob(blobs, seededBytes(`local ${number}`, blobBytes))).cid);
  const node = await createPeerNode({ logs: new MemoryLogStore({ now: Date.now }), blobs, log: quietLog }, { seed: seedFrom('local'), networkKey: seedFrom('local') });
  await node.start();
  return {
    run: async (iteration) => {
      const { tier } = await node.lookup(cids[iteration % blobCount] as Cid);
      if (tier !== 'local') throw new Error(`a blob that is here was looked up in the tier ${tier}`);
    },
    baseline: async () => void (await stat(folder)),
    notes: () => [`${blobCount} blobs in files; a full peer that nobody is linked to`],
    teardown: async () => {
      await node.stop();
      await blobs.close();
    },
  };
}

/** What a lookup costs when nobody has to be asked. */
export const localCacheHit: Scenario = {
  name: 'local-cache-hit',
  unit: 'ms',
  measures: 'A lookup of a blob that this peer holds, until it says so.',
  target: 1,
  baseline: 'one stat of a file',
  repetitions: { recorded: 5000, warmUp: 500 },
  quick: { recorded: 200, warmUp: 20 },
  setup,
};
