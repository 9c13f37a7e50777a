import { isSoukError, type Cid } from '@souk/domain';
import type { PeerNode } from '@souk/p2p';
import type { KnownReleases } from '../catalogue/known-releases.ts';

const patienceMs = 30_000;

/** Fetches a blob from peers of other sites as a release that names it says; whether it is here then. Throws STORAGE_FULL. */
export async function fetchedFromOthers(cid: Cid, releases: Pick<KnownReleases, 'of'>, node: Pick<PeerNode, 'fetchBlob'>, stopping: AbortSignal): Promise<boolean> {
  for (const { size, chunks } of await releases.of(cid)) {
    try {
      await node.fetchBlob(cid, { size, chunks, signal: AbortSignal.any([stopping, AbortSignal.timeout(patienceMs)]) });
      return true;
    } catch (error) {
      if (!isSoukError(error) || error.code === 'STORAGE_FULL') throw error;
    }
  }
  return false;
}
