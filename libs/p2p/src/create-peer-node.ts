import { multiaddr } from '@multiformats/multiaddr';
import { SoukError } from '@souk/domain';
import { Libp2pPeerNode } from './libp2p-peer-node.ts';
import { createLibp2pNode } from './node/create-libp2p-node.ts';
import { limitsOf } from './node/peer-limits.ts';
import { peerParts } from './node/peer-parts.ts';
import { defaultSharedRanges, SharedRanges } from './node/shared-ranges.ts';
import type { PeerNeeds, PeerNode, PeerNodeOptions } from './peer-node.ts';

const defaultListen = ['/ip4/127.0.0.1/tcp/0'];
const keyBytes = 32;

/** Makes a node; nothing runs before `start`. Throws BAD_REQUEST for an option that can't be meant. */
export async function createPeerNode(needs: PeerNeeds, options: PeerNodeOptions): Promise<PeerNode> {
  const { seed, networkKey, listen = defaultListen, announce = [], bootstrap = [], supers = [] } = options;
  if (seed.length !== keyBytes) throw new SoukError('BAD_REQUEST', `The seed of a peer has ${keyBytes} bytes, not ${seed.length}.`);
  if (networkKey && networkKey.length !== keyBytes) throw new SoukError('BAD_REQUEST', `A network key has ${keyBytes} bytes, not ${networkKey.length}.`);
  for (const address of [...listen, ...announce, ...bootstrap, ...supers]) requireAddress(address);
  const limits = { ...limitsOf(options.role ?? 'full'), ...options.limits };
  const libp2p = await createLibp2pNode({
    seed,
    networkKey,
    listen,
    announce,
    limits,
    isLeaf: options.role === 'leaf',
    sharedRanges: new SharedRanges(options.sharedRanges ?? defaultSharedRanges),
    wrapTransport: (transport) => options.wrapTransport?.(transport) ?? transport,
    rank: (peer) => options.rank?.(peer) ?? 0.5,
    admit: (peer) => options.admit?.(peer) ?? true,
  });
  return new Libp2pPeerNode(libp2p, peerParts(libp2p, needs, options, limits), needs, { ...options, listen });
}

function requireAddress(address: string): void {
  try {
    multiaddr(address);
  } catch (cause) {
    throw new SoukError('BAD_REQUEST', `"${address.slice(0, 80)}" is not a multiaddr.`, { hint: 'It looks like /ip4/0.0.0.0/tcp/7686.', cause });
  }
}
