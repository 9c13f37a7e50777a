import type { Connection } from '@libp2p/interface';
import type { FullLibp2p } from './create-libp2p-node.ts';

/**
 * Lets no peer hold more connections than it may: libp2p counts them all together, and streams by the connection, so that one peer could have
 * thousands of either. One more closes the oldest: that may be what is left of a link that broke, and the newest works.
 */
export function capConnections(libp2p: Pick<FullLibp2p, 'addEventListener' | 'getConnections'>, most: number): void {
  libp2p.addEventListener('connection:open', ({ detail }: CustomEvent<Connection>) => {
    const open = [...new Set([...libp2p.getConnections(detail.remotePeer), detail])].filter(({ status }) => status === 'open');
    for (const old of open.slice(0, -most)) old.abort(new Error('the peer opened more connections than it may'));
  });
}
