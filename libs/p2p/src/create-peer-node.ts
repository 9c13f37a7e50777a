import { multiaddr } from '@multiformats/multiaddr';
import { SoukError } from '@souk/domain';
import { HostedPeers } from './hosted-peers.ts';
import { Libp2pPeerNode } from './libp2p-peer-node.ts';
import { createLibp2pNode } from './node/create-libp2p-node.ts';
import { limitsOf } from './node/peer-limits.ts';
import { peerParts, type Shared } from './node/peer-parts.ts';
import { relayedListen } from './node/relays.ts';
import { defaultSharedRanges, SharedRanges } from './node/shared-ranges.ts';
import { storeParts } from './node/store-parts.ts';
import type { PeerNeeds, PeerNode, PeerNodeOptions } from './peer-node.ts';

const defaultListen = ['/ip4/127.0.0.1/tcp/0'];
const keyBytes = 32;

/**
 * Makes a node, of one identity or of several over the same stores; nothing runs before `start`. Throws BAD_REQUEST for an option that can't be meant.
 */
export async function createPeerNode(needs: PeerNeeds, options: PeerNodeOptions): Promise<PeerNode> {
  const { seed, networkKey, furtherSeeds = [], role = 'full', listen = defaultListen, announce = [], bootstrap = [], supers = [] } = options;
  for (const one of [seed, ...furtherSeeds]) if (one.length !== keyBytes) throw new SoukError('BAD_REQUEST', `The seed of a peer has ${keyBytes} bytes, not ${one.length}.`);
  if (networkKey && networkKey.length !== keyBytes) throw new SoukError('BAD_REQUEST', `A network key has ${keyBytes} bytes, not ${networkKey.length}.`);
  if (furtherSeeds.length > 0 && role !== 'leaf') throw new SoukError('BAD_REQUEST', `Only leaves share a process: there is one identity of role ${role}.`);
  if (options.follows && role !== 'leaf') throw new SoukError('BAD_REQUEST', `A peer of role ${role} follows all logs: others rely on it for them.`);
  for (const address of [...listen, ...announce, ...bootstrap, ...supers]) requireAddress(address);
  const limits = { ...limitsOf(role), ...options.limits };
  const store = storeParts(needs, options, limits);
  const sharedRanges = new SharedRanges(options.sharedRanges ?? defaultSharedRanges);
  const identities: Libp2pPeerNode[] = [];
  for (const one of [seed, ...furtherSeeds]) identities.push(await identityOf(needs, identities.length === 0 ? { ...options, listen } : furtherOptions(one, { ...options, listen }), { limits, store, sharedRanges, isFirst: identities.length === 0 }));
  return new HostedPeers({ identities, store, log: needs.log, reconcileMs: options.reconcileMs });
}

/** Only the first identity has the address that was chosen, is sought nearby, and keeps what is remembered. */
function furtherOptions(seed: Uint8Array, options: PeerNodeOptions): PeerNodeOptions {
  const { announce: _announced, onRemember: _kept, mdns: _nearby, ...rest } = options;
  return { ...rest, seed, listen: (options.listen ?? defaultListen).map((address) => address.replace(/\/tcp\/\d+/, '/tcp/0')) };
}

async function identityOf(needs: PeerNeeds, options: PeerNodeOptions, shared: Shared): Promise<Libp2pPeerNode> {
  let found = (_addresses: readonly string[]): void => undefined;
  const libp2p = await createLibp2pNode({
    seed: options.seed,
    networkKey: options.networkKey,
    listen: [...(options.listen ?? defaultListen), ...(options.relay?.use === true ? [relayedListen] : [])],
    announce: options.announce ?? [],
    limits: shared.limits,
    isLeaf: options.role === 'leaf',
    relay: options.relay && (options.role === 'super' ? options.relay : { use: options.relay.use ?? false }),
    sharedRanges: shared.sharedRanges,
    wrapTransport: (transport) => options.wrapTransport?.(transport) ?? transport,
    gossiped: (topic, bytes) => options.tap?.received?.(topic, bytes),
    rank: (peer) => options.rank?.(peer) ?? 0.5,
    admit: (peer) => options.admit?.(peer) ?? true,
    ...(options.mdns === true ? { foundNearby: (addresses) => found(addresses) } : {}),
  });
  const parts = peerParts(libp2p, needs, options, shared);
  found = (addresses) => parts.neighbours.found(addresses);
  return new Libp2pPeerNode(libp2p, parts, needs, options);
}

function requireAddress(address: string): void {
  try {
    multiaddr(address);
  } catch (cause) {
    throw new SoukError('BAD_REQUEST', `"${address.slice(0, 80)}" is not a multiaddr.`, { hint: 'It looks like /ip4/0.0.0.0/tcp/7686.', cause });
  }
}
