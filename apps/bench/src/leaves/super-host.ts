import { join } from 'node:path';
import { MemoryBlobStore, seedFrom, type Cid } from '@souk/domain';
import { createPeerNode, type PeerNode } from '@souk/p2p';
import { openLogStore } from '@souk/store';
import { answerParent, usedHeap } from '../parts/asked-process.ts';
import { quietLog } from '../parts/quiet-log.ts';
import { until } from '../parts/until.ts';

/** A process with some super-peers, each with logs of its own. Words: the folder of each. */

interface Super {
  readonly node: PeerNode;
  readonly logs: Awaited<ReturnType<typeof openLogStore>>;
}

async function startSuper(folder: string): Promise<Super> {
  const logs = await openLogStore(folder);
  const node = await createPeerNode({ logs, blobs: new MemoryBlobStore(), log: quietLog }, { role: 'super', seed: seedFrom(folder), networkKey: seedFrom('bench') });
  await node.start();
  return { node, logs };
}

const supers = await Promise.all(process.argv.slice(2).map((folder) => startSuper(join(folder))));
const heapBefore = usedHeap();

const handlers = {
  addresses: () => supers.map(({ node }) => node.multiaddrs()[0] as string),
  /** Tells them of all super-peers, and waits until they are linked to the others. */
  join: async (addresses: readonly string[]) => {
    for (const { node } of supers) node.setSupers(addresses);
    await until(() => supers.every(({ node }) => node.superPeers().length === addresses.length - 1));
  },
  /** Waits until every index has leases of so many peers, of so many pairs of peer and cid. */
  indexed: ({ leases, pairs }: { leases: number; pairs: number }) => until(() => supers.every(({ node }) => node.indexSize()?.leases === leases && node.indexSize()?.pairs === pairs)),
  /** Waits until every one knows so many providers of a cid. */
  know: ({ cid, providers }: { cid: Cid; providers: number }) => until(async () => (await Promise.all(supers.map(({ node }) => node.lookup(cid)))).every((found) => found.providers.length === providers)),
  /** Waits until every one holds so many records. */
  hold: (records: number) => until(async () => (await Promise.all(supers.map(({ logs }) => logs.size()))).every((size) => size.records >= records)),
  /** Connection ends here, and the heap in use beyond that at the start. */
  heap: () => ({ ends: supers.reduce((sum, { node }) => sum + node.links().length, 0), bytes: usedHeap() - heapBefore }),
  /** Processor time of this process so far, in milliseconds. */
  cpu: () => Object.values(process.cpuUsage()).reduce((sum, us) => sum + us / 1000, 0),
};
/** What the process of super-peers answers. */
export type SuperHost = typeof handlers;
answerParent(handlers);
