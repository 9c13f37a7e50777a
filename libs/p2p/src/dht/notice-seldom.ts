import type { PeerId, PeerInfo } from '@libp2p/interface';
import type { KadDHT } from '@libp2p/kad-dht';
import type { PeerLimits } from '../node/peer-limits.ts';
import { RecentlyNamed } from './recently-named.ts';

/** What of kad-dht 16.4 is not in its interface: where it tells of peers that an answer named, and where it decides whether a peer belongs in its table. */
interface Internals {
  readonly network: { safeDispatchEvent(type: string, init: { readonly detail: PeerInfo }): boolean };
  readonly routingTable: { readonly kb: { verify(contact: { readonly peerId: PeerId }, options?: unknown): Promise<boolean> } };
}

/** What noticing depends on. */
export interface NoticeNeeds {
  readonly limits: Pick<PeerLimits, 'noticeMs' | 'tableLinks' | 'peerRecords'>;
  /** Open links by peer. */
  links(): ReadonlyMap<string, unknown>;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

/**
 * Has the DHT look at a peer that answers name once in a while instead of each time. An answer names twenty, mostly the same ones, and for each kad-dht has the peer store
 * rewritten and seeks its place in the routing table; whoever has none there, because it turned us away, is dialled each time. And has it dial peers only to know whether
 * they are there while there are few links: beyond that, those come into the table that a walk asks or that link themselves.
 */
export function noticeSeldom(dht: KadDHT, { limits, links, now }: NoticeNeeds): void {
  const { network, routingTable } = dht as unknown as Internals;
  const recent = new RecentlyNamed({ most: limits.peerRecords, forMs: limits.noticeMs, now });
  const tell = network.safeDispatchEvent.bind(network);
  network.safeDispatchEvent = (type, init) => (type === 'peer' && !recent.isNews(init.detail.id.toString(), init.detail.multiaddrs.map(String).toSorted().join(' ')) ? true : tell(type, init));
  const { kb } = routingTable;
  const verify = kb.verify.bind(kb);
  kb.verify = async (contact, options) => {
    const linked = links();
    if (!linked.has(contact.peerId.toString()) && linked.size >= limits.tableLinks) return false;
    return verify(contact, options);
  };
}
