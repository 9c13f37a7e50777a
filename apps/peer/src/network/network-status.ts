import { formatInvite, type CharterDoc, type NetworkStatus } from '@souk/contracts';
import { formatCharter, type Charter } from '@souk/domain';
import type { PeerRuntime } from '../peer-runtime.ts';
import { behindOf, freshnessOf, leaseOf, tiersOf } from './network-lines.ts';

/** Most addresses that an invite carries. */
const maxAddresses = 16;

/** What this peer is, and how much it holds. */
export async function networkStatus({ node, data, retention, charter, figures, followed, zone }: PeerRuntime): Promise<NetworkStatus> {
  const { logs, records, arrival } = await data.logs.size();
  const index = node.indexSize();
  const authority = charter.authority();
  const held = charter.current();
  const { pinned, cached, unnamed } = retention.ledger.usage();
  return {
    peerId: node.peerId,
    ...(node.identities.length > 1 ? { identities: node.identities.map(({ peerId }) => peerId) } : {}),
    role: node.role,
    ...(zone === undefined ? {} : { zone }),
    network: node.networkId,
    multiaddrs: [...node.multiaddrs()],
    links: node.links().length,
    supers: [...node.superPeers()],
    ...(authority === undefined ? {} : { charter: { version: held?.version ?? 0, authority, supers: held?.supers.length ?? 0 } }),
    ...freshnessOf(node.freshness()),
    ...(followed ? { follows: { listed: followed.list.publishers.length + followed.list.names.length, logs: followed.listed().size } } : {}),
    ...(index ? { index } : {}),
    ...leaseOf(node),
    lookups: tiersOf(figures, Date.now()),
    behind: behindOf(node.lag()),
    logs,
    records,
    arrival,
    headRoot: await node.headRoot(),
    blobs: pinned.blobs + cached.blobs + unnamed.blobs,
  };
}

/** A string that lets another peer join: this peer's addresses, the network key, and who signs the network's charters. */
export function inviteOf({ node, networkKey, charter }: Pick<PeerRuntime, 'node' | 'networkKey' | 'charter'>): string {
  const authority = charter.authority();
  return formatInvite({ addresses: node.multiaddrs().slice(0, maxAddresses), ...(networkKey ? { networkKey } : {}), ...(authority === undefined ? {} : { authority }) });
}

/** A charter as others are shown it. */
export function charterDoc({ network, version, authority, at, supers, scopes, limits, signed }: Charter): CharterDoc {
  return { network, version, authority, at: new Date(at).toISOString(), supers, scopes, limits, text: formatCharter(signed) };
}
