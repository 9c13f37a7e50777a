import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import type { FullLibp2p } from '../node/create-libp2p-node.ts';
import { parsePeerId } from '../node/links.ts';

/** A peer, and where others say that it is reached. */
export interface Addressed {
  readonly peer: string;
  readonly addresses: readonly string[];
}

/** Lets libp2p dial a provider at its addresses; those that can't be dialled are left out. Never throws. */
export async function introduce({ peerStore }: Pick<FullLibp2p, 'peerStore'>, { peer, addresses }: Addressed): Promise<void> {
  const multiaddrs = addresses.flatMap((address): Multiaddr[] => {
    try {
      return [multiaddr(address)];
    } catch {
      return [];
    }
  });
  await peerStore.merge(parsePeerId(peer), { multiaddrs }).catch(() => undefined);
}
