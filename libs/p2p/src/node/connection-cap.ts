import type { Connection } from '@libp2p/interface';
import { addressGroup } from '@souk/domain';
import type { FullLibp2p } from './create-libp2p-node.ts';
import type { SharedRanges } from './shared-ranges.ts';

/** How many connections may be open. */
export interface ConnectionCap {
  readonly perPeer: number;
  /** That the peers of one address group opened, together; those of shared ranges are not counted. */
  readonly perGroup: number;
  readonly sharedRanges: SharedRanges;
}

/**
 * Lets no peer, and no address group, hold more connections than it may: libp2p counts them all together, and streams by the connection, so that one peer could have
 * thousands of either, and one host with many keys all of them. One more of a peer closes its oldest: that may be what is left of a link that broke, and the newest
 * works. One more of a group is closed itself: the others may be other people.
 */
export function capConnections(libp2p: Pick<FullLibp2p, 'addEventListener' | 'getConnections'>, cap: ConnectionCap): void {
  libp2p.addEventListener('connection:open', ({ detail }: CustomEvent<Connection>) => {
    const open = [...new Set([...libp2p.getConnections(detail.remotePeer), detail])].filter(({ status }) => status === 'open');
    for (const old of open.slice(0, -cap.perPeer)) old.abort(new Error('the peer opened more connections than it may'));
    if (ofGroup(libp2p, detail, cap.sharedRanges) > cap.perGroup) detail.abort(new Error('the peers of one address group opened more connections than they may'));
  });
}

/** Connections that were opened from the address group of this one, itself included. */
function ofGroup(libp2p: Pick<FullLibp2p, 'getConnections'>, opened: Connection, shared: SharedRanges): number {
  const address = opened.remoteAddr.toString();
  // Who comes through a relay has the relay's address, and a relay has limits of its own.
  if (opened.direction !== 'inbound' || shared.hasAddress(address) || address.includes('/p2p-circuit')) return 0;
  const group = addressGroup(address);
  return [...new Set([...libp2p.getConnections(), opened])].filter(({ status, direction, remoteAddr }) => status === 'open' && direction === 'inbound' && addressGroup(remoteAddr.toString()) === group).length;
}
