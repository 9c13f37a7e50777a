import { formatInvite, type NetworkStatus } from '@souk/contracts';
import type { PeerRuntime } from '../peer-runtime.ts';

/** Most addresses that an invite carries. */
const maxAddresses = 16;

/** What this peer is, and how much it holds. */
export async function networkStatus({ node, data, retention }: PeerRuntime): Promise<NetworkStatus> {
  const { logs, records, arrival } = await data.logs.size();
  const index = node.indexSize();
  const { pinned, cached, unnamed } = retention.ledger.usage();
  return {
    peerId: node.peerId,
    role: node.role,
    network: node.networkId,
    multiaddrs: [...node.multiaddrs()],
    links: node.links().length,
    supers: [...node.superPeers()],
    ...(index ? { index } : {}),
    logs,
    records,
    arrival,
    headRoot: await node.headRoot(),
    blobs: pinned.blobs + cached.blobs + unnamed.blobs,
  };
}

/** A string that lets another peer join: this peer's addresses and the network key. */
export function inviteOf({ node, networkKey }: Pick<PeerRuntime, 'node' | 'networkKey'>): string {
  return formatInvite({ addresses: node.multiaddrs().slice(0, maxAddresses), ...(networkKey ? { networkKey } : {}) });
}
