import type { Log } from '@souk/nest';
import type { PeerNode } from '@souk/p2p';

/** How long a start waits for the first sync before it goes on without: the network may be down, and what is held is served anyway. */
const patienceMs = 5000;

/** Syncs once with whichever of the peers answers first. Resolves when that is done or none could be reached; never throws. */
export async function firstSync(node: Pick<PeerNode, 'dial' | 'syncWith'>, addresses: readonly string[], log: Log, stopping: AbortSignal): Promise<void> {
  if (addresses.length === 0) return;
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(patienceMs)]);
  const attempts = addresses.map(async (address) => node.syncWith(await node.dial(address, { signal }), { signal }));
  try {
    const { peer, records } = await Promise.any(attempts);
    log.info('first sync done', { peer, records });
  } catch (error) {
    log.warn('No peer of the network could be reached at the start; trying on in the background', { peers: addresses.length, error });
  }
}
