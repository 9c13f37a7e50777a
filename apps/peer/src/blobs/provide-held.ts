import type { BlobStore, Cid } from '@souk/domain';
import type { PeerNode } from '@souk/p2p';

/** Most blobs that a peer announces by itself. */
const maxProvided = 1000;

/** Announces what is held already when a peer starts; what it gets later is announced by whoever keeps it. */
export async function provideHeld(node: Pick<PeerNode, 'provide'>, blobs: Pick<BlobStore, 'list'>): Promise<void> {
  const cids: Cid[] = [];
  for await (const cid of blobs.list()) {
    if (cids.length === maxProvided) break;
    cids.push(cid);
  }
  await node.provide(cids);
}
