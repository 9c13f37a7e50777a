/** The end of a peer id, which is what differs: enough for a table. Whatever is short enough stays as it is. */
export function shortPeer(peer: string): string {
  return peer.length <= 12 ? peer : `…${peer.slice(-8)}`;
}
