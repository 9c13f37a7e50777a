import { maxLeasedCids, type BlobStore, type Cid } from '@souk/domain';
import type { PeerNode } from '@souk/p2p';

/** Leases and announces what is held already when a peer starts, as much as a lease counts; what it gets later is announced by whoever keeps it. */
export async function provideHeld(node: Pick<PeerNode, 'provide'>, blobs: Pick<BlobStore, 'list'>): Promise<void> {
  const cids: Cid[] = [];
  for await (const cid of blobs.list()) {
    if (cids.length === maxLeasedCids) break;
    cids.push(cid);
  }
  await node.provide(cids);
}
